import { type Case, replay } from '../playbooks/replay.ts'
// @ts-expect-error: it is read by node as it is, for the recorder too
import cases from './cases.mjs'

replay(cases as Case[], new URL('answers-2.19.jsonl', import.meta.url), {
  files: { 'ansible.cfg': '' },
  says: true,
})
