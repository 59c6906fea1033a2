import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type Case, replay } from '../playbooks/replay.ts'

const cases = parse(readFileSync(new URL('cases.yaml', import.meta.url), 'utf8')) as Case[]

replay(cases, new URL('answers-2.19.jsonl', import.meta.url), { files: { 'ansible.cfg': '' }, says: true })
