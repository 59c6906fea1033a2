// What ansible-vault encrypts, play opens, and the other way round.
//   npx tsx test/oracle/vault/run.ts [--record] ROOT…   each a root file system with ansible-core, / for this one
// --record keeps what was encrypted, for the unit tests.
import { writeFileSync } from 'node:fs'
import { decrypt, encrypt } from '../../../runner/load/vault/cipher.ts'
import { formatEnvelope, parseEnvelope } from '../../../runner/load/vault/envelope.ts'
import { Ansible } from '../ansible.ts'
import { CASES, type Case, type Recorded } from './cases.ts'

const record = process.argv.includes('--record')
const roots = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const recorded: Recorded[] = []
const differ: string[] = []

for (const root of roots) {
  const ansible = new Ansible(root)
  try {
    for (const one of CASES) {
      const options = ['--vault-id', `${one.label ?? 'default'}@password`]
      ansible.write({ password: `${one.password}\n`, plain: one.plain })
      ansible.must(['ansible-vault', 'encrypt', ...options, '--output', 'theirs', 'plain'])
      const text = ansible.must(['cat', 'theirs'])
      judge(`${ansible.version}: play opens ${one.name}`, () => opens(text, one))
      recorded.push({ ...one, madeBy: ansible.version, plain: one.plain.toString('base64'), text })

      ansible.write({ ours: formatEnvelope(encrypt(one.plain, Buffer.from(one.password), one.label)) })
      judge(`${ansible.version}: ansible-vault opens ${one.name}`, () => {
        ansible.must(['ansible-vault', 'decrypt', ...options, '--output', 'opened', 'ours'])
        return Buffer.from(ansible.must(['base64', '-w0', 'opened']), 'base64').equals(one.plain)
      })
    }
  } finally {
    ansible.remove()
  }
}
if (record) writeFileSync(new URL('recorded.json', import.meta.url), `${JSON.stringify(recorded, null, 2)}\n`)
say(`${recorded.length * 2 - differ.length} of ${recorded.length * 2} alike`)
for (const one of differ) say(`differs: ${one}`)
process.exitCode = differ.length === 0 && recorded.length > 0 ? 0 : 1

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function opens(text: string, { label, password, plain }: Case): boolean {
  const envelope = parseEnvelope(text)
  return envelope.label === label && decrypt(envelope, Buffer.from(password))?.equals(plain) === true
}

function judge(what: string, holds: () => boolean): void {
  try {
    if (!holds()) differ.push(what)
  } catch (error) {
    differ.push(`${what}: ${(error as Error).message}`)
  }
}
