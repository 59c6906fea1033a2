import { choice, text } from '../../contract/params.ts'
import type { Step } from '../../contract/plan.ts'
import { type Upstream, upstreamConninfo, WHILE_COPYING } from './upstream.ts'

/** How gently a server is copied. Spread into a module's strictObject. */
export const paceParams = {
  checkpoint: choice('fast', 'spread').default('fast').meta({
    description: 'fast: begin at once; spread: wait for a gentle checkpoint of the server that is copied.',
  }),
  max_rate: text({
    expected: 'a number of kilobytes a second, or one with k or M',
    fits: /^\d+[kM]?$/,
    takes: 'kilobytes a second',
  })
    .optional()
    .meta({
      unset: 'no limit',
      description: 'Most to copy in a second, in kilobytes, or with the suffix k or M.',
      example: '50M',
    }),
}

interface Copy {
  version: string
  from: Upstream
  /** The folder that it goes into, which must not be there. */
  path: string
  checkpoint: 'fast' | 'spread'
  max_rate?: string
}

/** pg_basebackup, as the server's own user; `options` are what one kind of copy has besides. */
export function baseBackup(
  { version, from, path, checkpoint, max_rate }: Copy,
  options: readonly string[],
): Step {
  const argv = [
    `/usr/lib/postgresql/${version}/bin/pg_basebackup`,
    '-D',
    path,
    '-d',
    upstreamConninfo(from, WHILE_COPYING),
    '-X',
    'stream',
    `--checkpoint=${checkpoint}`,
    ...options,
    '--no-password',
    '--progress',
  ]
  if (max_rate !== undefined) argv.push(`--max-rate=${max_rate}`)
  return {
    do: 'exec',
    title: 'the base backup',
    argv,
    as: 'postgres',
    env: { LC_ALL: 'C.UTF-8' },
    cwd: '/',
    progress: true,
  }
}
