import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, vi } from 'vitest'
import { parse } from 'yaml'
import { quoteWord } from '../../../contract/quote.ts'
import { LocalTransport } from '../../../runner/hosts/local.ts'
import { SshTransport } from '../../../runner/hosts/ssh.ts'
import { type Case, filesBelow, replay } from '../playbooks/replay.ts'

/** As tree/ssh has it for Ansible: what is to go by ssh is done here, and told in $WAY whom it was for. */
class Told extends LocalTransport {
  way = ''
  override open(command: string) {
    return super.open(`export WAY=${quoteWord(this.way)}; ${command}`)
  }
}

beforeAll(() => {
  vi.spyOn(SshTransport, 'connect').mockImplementation(async (spec, _hooks, socket) => {
    void socket?.then(
      (open) => open.destroy(),
      () => {},
    )
    const told = new Told(spec)
    told.way = `${spec.user}@${spec.address}:${spec.port}`
    return told as unknown as SshTransport
  })
})
afterAll(() => {
  vi.restoreAllMocks()
})

const here = new URL('.', import.meta.url)
const cases: Case[] = parse(readFileSync(new URL('cases.yaml', here), 'utf8'))
replay(cases, new URL('answers-2.19.jsonl', here), {
  files: { 'ansible.cfg': '', ...filesBelow(new URL('tree', here).pathname) },
  says: true,
})
