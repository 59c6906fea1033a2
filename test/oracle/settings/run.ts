// Asks ansible-config what it makes of the files and environments here, and keeps it for test/runner/settings/oracle.test.ts.
//   npx tsx test/oracle/settings/run.ts ROOT   a root file system with ansible-core 2.19, / for this one
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ansible } from '../ansible.ts'
import { CASES, IN, NAMES } from './cases.ts'

/** What stands for the folder of a case. */
const HERE = '/here'

const ansible = new Ansible(process.argv[2]!)
try {
  const recorded = CASES.map(({ name, files, env = {}, cwd = '.', mode }, index) => {
    const around = String(index)
    const folder = join(around, IN)
    const kept = { ...files, 'home/.keep': '', 'sub/.keep': '' }
    ansible.write(Object.fromEntries(Object.entries(kept).map(([path, text]) => [`${folder}/${path}`, text])))
    mkdirSync(ansible.path(join(folder, cwd)), { recursive: true })
    if (mode !== undefined) chmodSync(ansible.path(join(folder, cwd)), mode)
    const inside = join(ansible.inside, folder)
    const variables = Object.entries({ HOME: join(inside, 'home'), ...env }).map(
      ([key, value]) => `${key}=${value}`,
    )
    const script = 'cd "$1" && shift && exec env -u ANSIBLE_NOCOLOR "$@" ansible-config dump --format json'
    const { code, stdout } = ansible.run(['sh', '-c', script, 'sh', join(inside, cwd), ...variables])
    return { name, values: code === 0 ? valuesOf(stdout, join(ansible.inside, around)) : null }
  })
  writeFileSync(
    new URL('recorded.json', import.meta.url),
    `${JSON.stringify({ version: ansible.version, cases: recorded }, null, 1)}\n`,
  )
  process.stdout.write(`${recorded.length} cases\n`)
} finally {
  ansible.remove()
}

/** Of the settings that play has too those that somebody says. */
function valuesOf(text: string, folder: string): Record<string, unknown> {
  const all: { name: string; origin: string; value: unknown }[] = JSON.parse(text.slice(text.search(/^\[$/m)))
  return Object.fromEntries(
    Object.entries(NAMES).flatMap(([name, theirs]) => {
      const found = all.find((one) => one.name === theirs && one.origin !== 'default')
      return found ? [[name, JSON.parse(JSON.stringify(found.value).replaceAll(folder, HERE))]] : []
    }),
  )
}
