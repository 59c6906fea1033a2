import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { inventory, onHost, type Played, playJson } from '../support/play.ts'

/** Files of a fleet that was set up in Latin-1: a task changes its own line, and no byte of another. */
const CLUSTER = 'version: "15", cluster: bytes'
const CONF = '/etc/postgresql/15/bytes'
/** By their paths: what is there before (`\351` is é), and the task. */
const FILES: [path: string, there: string, task: string][] = [
  [
    `${CONF}/pg_hba.conf`,
    'local all postgres peer\\nlocal all "r\\351le" peer # caf\\351\\\\\\n',
    `pg_hba: { ${CLUSTER}, rules: [{ type: local, database: wanted, user: all, method: reject }] }`,
  ],
  [
    `${CONF}/pg_ident.conf`,
    'house "ren\\351" shop\\n# d\\351j\\340\\\\\\n',
    `pg_ident: { ${CLUSTER}, maps: [{ map: house, system_user: bob, database_user: shop }] }`,
  ],
  [`${CONF}/postgresql.conf`, '', `pg_conf: { ${CLUSTER}, settings: { work_mem: 7MB } }`],
  [
    '/root/latin.pgpass',
    'db1:5432:*:app:caf\\351\\n',
    'pg_passfile: { path: /root/latin.pgpass, owner: root, entries: [{ host: db2, user: app, password: "a new one" }] }',
  ],
  [
    '/etc/hosts',
    '192.0.2.1 atelier # caf\\351\\n',
    'hosts_entry: { address: 192.0.2.2, names: [latin.example] }',
  ],
  ['/etc/locale.gen', '# fran\\347ais\\n', 'locale_gen: { name: de_DE.UTF-8 }'],
  [
    '/etc/apt/sources.list.d/latin.list',
    '# d\\351p\\364t\\n',
    'apt_repository: { repo: "deb [trusted=yes] file:/srv/nothing ./", filename: latin, update_cache: false }',
  ],
  ['/root/latin.txt', 'caf\\351\\n', 'lineinfile: { path: /root/latin.txt, line: "thé" }'],
  [
    '/root/latin.ini',
    '# caf\\351\\nx = 1\\n',
    'replace: { path: /root/latin.ini, regexp: "x = 1", replace: "x = 2" }',
  ],
  ['/root/latin.conf', 'caf\\351 \\377\\n', 'blockinfile: { path: /root/latin.conf, block: "more" }'],
]
const KEPT = '/root/bytes-kept'
const folder = mkdtempSync(join(tmpdir(), 'play-bytes-'))
const playbook = join(folder, 'bytes.yaml')

const run = (...more: string[]): Promise<Played> =>
  playJson([playbook, '-i', inventory, '-l', 'vm2', ...more])
const statuses = ({ results }: Played): string[] =>
  results.map(({ task, status, error }) => `${task}: ${status}${error ? ` ${error.message}` : ''}`)
const all = (status: string): string[] => FILES.map(([path]) => `${path}: ${status}`)

beforeAll(async () => {
  writeFileSync(
    playbook,
    `- hosts: all\n  become: true\n  gather_facts: false\n  tasks:\n${FILES.map(([path, , task]) => `    - name: ${path}\n      ${task}\n`).join('')}`,
  )
  await onHost('vm2', 'cp /etc/hosts /etc/locale.gen /root/ && pg_createcluster 15 bytes -p 5455 --start')
  const write = FILES.map(([path, there]) => `printf '${there}' >> ${path}`)
  await onHost(
    'vm2',
    `mkdir ${KEPT}; ${write.join('; ')}; printf "\\ncluster_name = 'caf\\351'\\n" >> ${CONF}/postgresql.conf
    pg_ctlcluster 15 bytes reload; for f in ${FILES.map(([path]) => path).join(' ')}; do cp $f ${KEPT}/$(basename $f); done`,
  )
}, 120_000)
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await onHost(
    'vm2',
    `pg_dropcluster --stop 15 bytes; rm -rf /etc/postgresql/15/bytes; cat /root/hosts > /etc/hosts; cat /root/locale.gen > /etc/locale.gen; localedef --delete-from-archive de_DE.utf8
    rm -rf ${KEPT} /root/latin.* /root/hosts /root/locale.gen /etc/apt/sources.list.d/latin.list`,
  )
})

it('says the same in a check, a run and a run again', { timeout: 120_000 }, async () => {
  expect(statuses(await run('--check'))).toEqual(all('changed'))
  expect(statuses(await run())).toEqual(all('changed'))
  expect(statuses(await run())).toEqual(all('ok'))
})

it('every line that was there is there, byte by byte', async () => {
  for (const [path] of FILES) {
    // Lines that the tasks change: replace, and locale_gen where the locale is commented out.
    const changed = "| grep -vxE 'x = 1|# de_DE.UTF-8 UTF-8 *'"
    const lost = await onHost(
      'vm2',
      `LC_ALL=C; export LC_ALL; cat ${KEPT}/$(basename ${path}) ${changed} | while IFS= read -r line; do grep -qxF -e "$line" ${path} || printf '%s\\n' "$line" | od -c; done`,
    )
    expect(lost, path).toBe('')
    expect(await onHost('vm2', `LC_ALL=C grep -c "$(printf '\\357\\277\\275')" ${path} || true`), path).toBe(
      '0',
    )
  }
})

it('the server has the rule and the map that were added behind a line that goes on', async () => {
  const query =
    "select (select count(*) from pg_hba_file_rules where database = '{wanted}' and error is null), (select count(*) from pg_ident_file_mappings where sys_name = 'bob' and error is null)"
  const said = await onHost('vm2', `cd /; runuser -u postgres -- psql -p 5455 -XAtc "${query}"`)
  expect(said).toBe('1|1')
})
