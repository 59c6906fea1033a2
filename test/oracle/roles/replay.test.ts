import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { type Case, filesBelow, replay } from '../playbooks/replay.ts'

const cases = parse(readFileSync(new URL('cases.yaml', import.meta.url), 'utf8')) as Case[]
const tree = filesBelow(fileURLToPath(new URL('tree', import.meta.url)))

replay(cases, new URL('answers-2.19.jsonl', import.meta.url), {
  files: { ...tree, 'ansible.cfg': '' },
  says: true,
})
