import type { ExecStep, Step } from '../../contract/plan.ts'

/** What a step does, in a few words. */
export function nameOf(step: Step): string {
  if (step.title !== undefined) return step.title
  switch (step.do) {
    case 'exec':
      return step.argv[0]!
    case 'sql':
      return 'SQL'
    case 'wait':
      return 'wait'
    case 'guard':
      return 'new configuration'
    case 'issue_certificate':
      return 'certificate'
    default:
      return `${step.do.replaceAll('_', ' ')} ${'path' in step ? step.path : ''}`.trim()
  }
}

/** What a line of a step's output tells of how far it is; undefined where it tells nothing. */
export function progressIn({ progress }: ExecStep, line: string): string | undefined {
  if (!(progress instanceof RegExp)) return progress === true ? line : undefined
  const { percent, what } = progress.exec(line)?.groups ?? {}
  return percent === undefined ? undefined : `${Math.floor(Number(percent))} % ${what ?? ''}`.trim()
}

/** Output without the lines that a step prints only to tell how far it is. */
export function withoutProgress({ progress }: ExecStep, output: string): string {
  if (!(progress instanceof RegExp)) return output
  return output
    .split('\n')
    .filter((line) => !progress.test(line))
    .join('\n')
}
