import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { vi } from 'vitest'
import { parse } from 'yaml'
import { quoteWord } from '../../../contract/quote.ts'
import type { ConnectionSpec } from '../../../runner/hosts/types.ts'
import { type Case, filesBelow, replay } from '../playbooks/replay.ts'

// As tree/ssh has it for Ansible: what is to go by ssh is done here, and told in $WAY whom it was for.
vi.mock('../../../runner/hosts/connect.ts', async () => {
  const { HostConnection } = await import('../../../runner/hosts/connection.ts')
  const { LocalTransport } = await import('../../../runner/hosts/local.ts')
  class Told extends LocalTransport {
    constructor(readonly to: ConnectionSpec) {
      super(to)
    }
    override open(command: string) {
      const { kind, user, address, port } = this.to
      const way = kind === 'ssh' ? `export WAY=${quoteWord(`${user}@${address}:${port}`)}; ` : ''
      return super.open(`${way}${command}`)
    }
  }
  const connect = async (spec: ConnectionSpec) =>
    new HostConnection({ spec, transport: new Told(spec), user: userInfo().username }, () => {})
  return { connect }
})

const here = new URL('.', import.meta.url)
const cases: Case[] = parse(readFileSync(new URL('cases.yaml', here), 'utf8'))
replay(cases, new URL('answers-2.19.jsonl', here), {
  files: { 'ansible.cfg': '', ...filesBelow(new URL('tree', here).pathname) },
  says: true,
})
