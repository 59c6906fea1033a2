import { join } from 'node:path'

/** Each job: what it is, what must be so before, and who does it; the first contestant is play. */
export function jobs(root) {
  const play = [process.execPath, join(root, 'dist/play.js')]
  const site = ['playbooks/site.yaml', '-i', 'inventory']
  return [
    {
      name: 'site.yaml, nothing to change',
      prepare: [...play, ...site],
      contestants: [{ name: 'play', argv: [...play, ...site] }],
    },
    {
      name: '25 × /bin/true on four hosts',
      contestants: [{ name: 'play', argv: [...play, 'bench/jobs/true-25.yaml', '-i', 'inventory'] }],
    },
    {
      name: 'play --version',
      contestants: [{ name: 'play', argv: [...play, '--version'] }],
    },
    {
      name: '--syntax-check of site.yaml',
      contestants: [{ name: 'play', argv: [...play, ...site, '--syntax-check'] }],
    },
  ]
}
