// Run by record.sh.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect } from '../../../runner/hosts/connect.ts'
import { connectionSpec } from '../../../runner/hosts/spec.ts'
import { HostReads } from '../../../runner/run/host-reads.ts'

const SETUP = `
import json
import ansible.module_utils.basic as basic
basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": {"gather_subset": ["all"]}}).encode()
basic._ANSIBLE_PROFILE = "legacy"
from ansible.modules import setup
setup.main()
`
/** Nobody else's business, or long. */
const LEFT_OUT = /^ansible_(env|ssh_host_key.*|devices|device_links|flags)$/

const { stdout, stderr } = spawnSync(process.env.PYTHON ?? 'python3', ['-c', SETUP], { encoding: 'utf8' })
if (stdout === '') throw new Error(stderr)
const answered: Record<string, unknown> = JSON.parse(stdout).ansible_facts
const host = await connect(connectionSpec('localhost', {}, {}))
const reads = new HostReads(host, undefined)
const [{ machine }, parts] = await Promise.all([reads.self(), reads.facts()])
await host.close()
const recorded = {
  machine,
  parts: Object.fromEntries(
    [...parts]
      // What others were given is nobody else's business.
      .filter(([name]) => !name.startsWith('env ') && name !== '/proc/1/environ')
      .map(([name, bytes]) => [name, bytes.toString('base64')]),
  ),
  ansible: Object.fromEntries(Object.entries(answered).filter(([name]) => !LEFT_OUT.test(name))),
}
writeFileSync(new URL('recorded.json', import.meta.url), `${JSON.stringify(recorded)}\n`)
