// Asks ansible-core which arguments its specifications take, and keeps the answers for the unit test:
//   npx tsx test/oracle/argument-specs/run.ts ROOT   a root file system with ansible-core, / for this one
import { readFileSync, writeFileSync } from 'node:fs'
import { Ansible } from '../ansible.ts'
import { CASES } from './cases.ts'

const ansible = new Ansible(process.argv[2] ?? '/')
try {
  const script = readFileSync(new URL('validate.py', import.meta.url), 'utf8')
  ansible.write({ 'validate.py': script, 'cases.json': JSON.stringify(CASES) })
  const taken = JSON.parse(ansible.must(['sh', '-c', 'python3 validate.py < cases.json'])) as boolean[]
  const recorded = CASES.map((one, index) => `${JSON.stringify([...one, taken[index]])}\n`)
  writeFileSync(new URL('recorded.jsonl', import.meta.url), recorded.join(''))
  process.stdout.write(`${CASES.length} cases, ansible-core ${ansible.version}\n`)
} finally {
  ansible.remove()
}
