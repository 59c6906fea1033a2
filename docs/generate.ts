// `npm run docs`: writes docs/modules.md and docs/variables.md from the schemas, and docs/keywords.md from the table of
// keywords, docs/language.md from the library of functions, docs/config.md from the table of settings, docs/ssh.md from that of
// ssh's options. A test compares them.
import { writeFileSync } from 'node:fs'
import * as z from 'zod'
import type { Module, ParamMeta } from '../contract/module.ts'
import { elementOf, parameters, wrapped } from '../contract/parse-params.ts'
import { modules } from '../modules/registry.ts'
import { SSH_ALIASES, SSH_FORGOTTEN, SSH_OPTIONS, type Stance } from '../runner/hosts/ssh-options.ts'
import type { LibraryFunction } from '../runner/load/functions/function.ts'
import { LIBRARY } from '../runner/load/functions/index.ts'
import { LOOKUPS } from '../runner/load/functions/lookups/index.ts'
import { IN_TASKS, MAGIC, UNSAID } from '../runner/load/magic.ts'
import { KEYWORDS, LOOP_CONTROL } from '../runner/load/playbook/keyword-table.ts'
import { FACTS } from '../runner/run/facts/names.ts'
import { DIFFERENT } from '../runner/settings/different.ts'
import type { Setting } from '../runner/settings/setting.ts'
import { SETTINGS } from '../runner/settings/table.ts'
import { CONTENTS, TOPOLOGY } from '../runner/topology/schema.ts'
import { DIFFERENCES } from '../test/oracle/differences.ts'
import { EXPLAINED } from '../test/oracle/explained.ts'
import { OLDER } from '../test/oracle/older.ts'

/** The reference of all modules, as Markdown. */
export function moduleReference(): string {
  const sections = [...modules.values()].map(section)
  const index = [...modules.values()].map(({ name, summary }) => `| [${name}](#${name}) | ${cell(summary)} |`)
  return `# Modules

Made of the modules' own schemas by \`npm run docs\`.

A type takes what YAML, a template and \`-e\` give for the same thing:

- *true or false*: also \`yes\`, \`no\`, \`on\`, \`off\`, 1 and 0.
- *whole number*: also in digits, \`"5444"\`.
- *time in seconds*: a number of seconds, or a text with a unit of PostgreSQL's: \`500ms\`, \`30s\`, \`5min\`, \`2h\`, \`1d\`.
- *text*, and what is one, such as *name* and *path*: also a number, for its digits. \`true\` and \`false\` without quotes are
  refused. What YAML would change where it took it for a number (a version, a system identifier) is to be quoted.
- *secret*: a text in quotes. It is masked everywhere, and no error repeats it.
- *list of …*: one text alone stands for a list of it.

| module | |
|---|---|
${index.join('\n')}

${sections.join('\n\n')}
`
}

/** The reference of Jinja's filters, tests and lookups, as Markdown. */
export function languageReference(): string {
  const rows = (is: LibraryFunction['is']) =>
    LIBRARY.filter((one) => one.is === is)
      .map(({ names, usage, summary }) => [
        names
          // Those of collections are the same with something before them.
          .filter((name) => !name.includes('.'))
          .map((name) => `\`${name}\``)
          .join(', '),
        `\`${usage}\``,
        summary,
      ])
      .sort(([a], [b]) => (a! < b! ? -1 : 1))
  const lookups = [...LOOKUPS.values()].map(({ name, usage, summary }) => [
    `\`${name}\``,
    `\`${usage}\``,
    summary,
  ])
  const older = Object.entries(OLDER).map(([name, why]) => [`\`${name}\``, why])
  const differences = Object.entries(DIFFERENCES).map(([name, { cases, why }]) => [
    `\`${name}\``,
    String(cases),
    why,
  ])
  return `# Jinja

Made of the library of functions by \`npm run docs\`. Which files are in Jinja, and which in the native languages
(docs/templates.md): [decision 26](decisions/0026-two-languages.md), and of roles [decision 33](decisions/0033-roles-and-their-judge.md). In short: \`.j2\` files, all under \`roles/NAME/\`, files whose
first line is \`# play: language=jinja\`, and those of a folder with an \`ansible.cfg\`.

The language is Jinja2's as Ansible 2.19 has it: values keep their types, what is not defined is an error where it is used, blocks
take the newline behind them away. A condition that is no boolean counts by its truth, as before 2.19.

## Filters

${table(['filter', 'example', ''], rows('filter'))}

## Tests

${table(['test', 'example', ''], rows('test'))}

## Lookups

\`lookup('name', …)\`, \`query\` and \`q\`. What runs a program or fetches something is unknown in a check, and
nothing is run, fetched or written where a playbook is only listed, or before the run: names of imports and the topology may not hang on it.

${table(['lookup', 'example', ''], lookups)}

## Magic variables

They are there in both languages. What inventory, playbooks and -e call so does not count:

${named(MAGIC)}

These count where nobody says them:

${named(UNSAID)}

These are there for a while:

${named(IN_TASKS)}

Other than Ansible: \`ansible_version\` and \`ansible_playbook_python\` say nothing of play, which has its own version and no Python.
\`ansible_search_path\` lacks the folder of an included file, and \`ansible_host\` stays that of the host whose task it is where one is
delegated. \`inventory_dir\` is one for all hosts. What ansible-playbook says is recorded in test/oracle/magic.

## Facts

\`gather_facts\` and \`setup\` gather all of these, in one round trip and without starting a program on the host, as the user that
the play acts as. Each is \`ansible_NAME\`, and \`ansible_facts.NAME\`. What cannot be had is undefined.

${named(FACTS)}

What \`setup\` of ansible-core 2.19 says of a machine is recorded and compared by the tests (test/oracle/facts). Of its facts these are not
there: \`devices\`, \`device_links\`, \`lvm\`, \`ssh_host_key_*\`, \`flags\` of processors, \`system_capabilities\`, \`virtualization_tech_*\`,
\`userspace_*\`, \`is_chroot\`, \`locally_reachable_ips\`, \`proc_cmdline\`, and of interfaces \`speed\`, \`module\`, \`pciid\`, \`features\`; of a
bridge \`id\` and \`stp\`.

## Other than Ansible

What Ansible 2.19 answers is recorded for more than 25,000 cases and compared by the tests. These are answered otherwise:

${EXPLAINED.map(({ why }) => `- ${why}`).join('\n')}

${table(['', 'cases', 'why'], differences)}

## Ansible before 2.19

Debian 12 has 2.14. Of the same cases it answers these otherwise; test/oracle/functions-2.14.json has them. Conditions that are no
booleans are the one thing in which it is followed here, with a warning. The tests of types (\`is string\`, \`is mapping\` …) answer
false there for what is undefined, which is an error since 2.19.

${table(['', 'before'], older)}
`
}

const named = (rows: Readonly<Record<string, string>>): string =>
  table(
    ['', ''],
    Object.entries(rows).map(([name, summary]) => [`\`${name}\``, summary]),
  )

const table = (head: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map((one) => cell(one ?? '')))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')

const INHERITS = {
  nearest: 'the innermost that says it counts',
  adds: 'all of them count',
  own: '',
}

/** The reference of the keywords of playbooks, as Markdown. */
export function keywordReference(): string {
  const rows = Object.entries(KEYWORDS).map(([name, { on, takes, template, inherits, summary }]) =>
    [`\`${name}\``, on.join(', '), takes, template ? 'yes' : 'no', INHERITS[inherits], summary]
      .map(cell)
      .join(' | '),
  )
  return `# Keywords

Made of runner/load/playbook/keyword-table.ts by \`npm run docs\`. Names and meanings are Ansible's. Where {{ }} may not
stand, it is an error before the first connection. Keywords of a play that hold {{ }}, and \`run_once\` and
\`any_errors_fatal\`, are what the first host of the play says.

| keyword | on | takes | {{ }} | on nodes inside each other | |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}

## Under \`loop_control\`

| | |
|---|---|
${Object.entries(LOOP_CONTROL)
  .map(([name, summary]) => `| \`${name}\` | ${cell(summary)} |`)
  .join('\n')}

## Arguments

A module's arguments are a mapping, or words in one line: \`file: path=/srv/x state=directory\`. A value with spaces is
quoted; what stands in {{ }} is one word. \`command\` and \`shell\` take \`creates=\`, \`removes=\`, \`chdir=\`, \`executable=\`,
\`stdin=\`, \`stdin_add_newline=\` and \`strip_empty_ends=\` among the words of the command.
`
}

/** What becomes of ssh's options, as Markdown. */
export function sshReference(): string {
  const meaning: Record<Stance['is'], string> = {
    heeded: 'counts',
    harmless: 'passed over',
    refused: 'error',
    told: 'error in arguments, warning in files',
  }
  const also = (name: string) =>
    Object.entries(SSH_ALIASES).flatMap(([alias, to]) => (to === name ? [`\`${alias}\``] : []))
  const rows = Object.entries(SSH_OPTIONS).map(([name, stance]) => {
    const code = (values: readonly string[] = []) => values.map((value) => `\`${value}\``).join(', ')
    const says =
      stance.is === 'heeded'
        ? [...(stance.how ? [stance.how] : []), ...(stance.only ? ['in files only'] : [])]
        : stance.is === 'harmless'
          ? [stance.why]
          : [
              stance.why,
              `instead: ${stance.instead}`,
              ...(stance.unless ? [`but not ${code(stance.unless)}`] : []),
            ]
    return [[`\`${name}\``, ...also(name)].join(', '), meaning[stance.is], says.join('; ')]
  })
  return `# Options of ssh

Made of runner/hosts/ssh-options.ts by \`npm run docs\`.

play speaks SSH by itself. It reads \`ansible_ssh_args\`, \`ansible_ssh_common_args\`, \`ansible_ssh_extra_args\` (and the settings
\`ssh_args\` … of [config.md](config.md)), then \`~/.ssh/config\` and \`/etc/ssh/ssh_config\`, or the file of \`-F\`. The first that says
something of an option counts. What makes a connection safer for ssh does so here, or is an error: nothing of it is passed over in
silence. An option that is not in this table is an error in arguments, and a warning in a file that has no \`IgnoreUnknown\` for it.

Of ssh's short options \`-4\`, \`-6\`, \`-b\`, \`-c\`, \`-F\`, \`-i\`, \`-J\`, \`-l\`, \`-m\`, \`-o\` and \`-p\` count, \`-B\`, \`-I\` and \`-P\` are errors as
their long ones are, and the others are passed over. What is none of ssh's options is an error.

A machine on the way (\`ProxyJump\`) has the options of the arguments, \`HostKeyAlias\` apart, and those that the files say for it.

${table(['option', '', ''], rows)}

${SSH_FORGOTTEN.map((name) => `\`${name}\``).join(', ')} are passed over by ssh too.
`
}

/** The reference of the settings, as Markdown. */
export function configReference(): string {
  const code = (texts: readonly string[]) => texts.map((one) => `\`${one}\``).join(', ')
  const rows = (Object.entries(SETTINGS) as [string, Setting][]).map(([name, setting]) => [
    `\`${name}\``,
    setting.takes,
    setting.unset ?? settingDefault(setting.default),
    code(setting.ini.map((key) => key.replace('.', ' '))),
    code(setting.env),
    setting.option === undefined ? '' : `\`${setting.option}\``,
    setting.summary,
  ])
  const head = ['setting', 'takes', 'default', 'in ansible.cfg', 'in the environment', 'option', '']
  const different = DIFFERENT.map(({ name, refused, says, hint }) => [
    `\`${name}\``,
    refused ? 'error' : 'warning',
    `${says}; ${hint}`,
  ])
  return `# Configuration

Made of runner/settings/table.ts by \`npm run docs\`. \`play config\` prints what counts in a folder, \`play config site.yaml -f 20\`
what counts for that run: each setting, its value, and the option, the variable or the line that says it. \`--json\` is for programs.

## Who says it

The first of these that says a setting counts:

1. the option on the command line,
2. the environment: \`PLAY_NAME\` for each setting, such as \`PLAY_FORKS\`, then Ansible's own. A variable that is empty is not there,
3. \`play.yaml\` beside the playbook, then the one in the working folder,
4. the \`ansible.cfg\` that \`$ANSIBLE_CONFIG\` names, or the one in the working folder,
5. \`$XDG_CONFIG_HOME/play/play.yaml\`, that is \`~/.config/play/play.yaml\`,
6. where 4 is not there, \`~/.ansible.cfg\` or \`/etc/ansible/ansible.cfg\`.

What a host's variables (\`ansible_user\`, \`ansible_ssh_common_args\`, …) or the keywords of a play say stands above all of it, as in
Ansible. \`play apply\` looks beside the playbook that its plan was made of; what
decides where, as whom and what is done it takes from the plan (docs/check-mode.md).

A file in a folder that anybody may write to, or that anybody may write itself, is not read, and a warning says so; the one that
\`$ANSIBLE_CONFIG\` names is read all the same. Programs that a file names as inventory or vault password file are run like those on
the command line: look at the play.yaml and ansible.cfg of others before you run play beside them, as you look at their playbooks.

\`\`\`yaml
# play.yaml: a setting a line
inventory: hosts.yaml          # from the folder of this file
remote_user: admin
become: true
forks: 20
vault_identity_list: [prod@~/.vault/prod, dev@prompt]
\`\`\`

A key that is none is an error with its line. Paths begin at the folder of their file, those of the environment at the working
folder; \`~\`, \`$NAME\` and, as in Ansible, \`{{CWD}}\` stand for what they say. In \`ansible.cfg\` the paths of \`vault_identity_list\` begin at
the working folder, as they do in Ansible.

## Settings

Where a setting is named twice for \`ansible.cfg\` or the environment, the last one that is there counts.

${table(head, rows)}

## Other settings of Ansible's

These are told where they are set to anything but what happens here:

${table(['in ansible.cfg', '', ''], different)}

All others change nothing here, and are passed over. \`play config\` lists those of your \`ansible.cfg\`, and
variables \`ANSIBLE_…\` and \`PLAY_…\` that are none.

Other than Ansible: a value that is none of its type is an error, where Ansible takes words it does not know for no, and any text of
\`vault_id_match\` for yes; a variable of the environment that is empty leaves what the file says; \`inventory = host1,host2,\` names
hosts, as \`-i\` does; quotes around a path are no part of it; \`-v\` stands above \`verbosity\`, where Ansible adds them up. What
ansible-core 2.19 makes of 32 sets of files and variables is recorded, and compared by the tests (test/oracle/settings).
`
}

function settingDefault(value: unknown): string {
  const texts = [value ?? []].flat().map(String)
  return texts.map((one) => `\`${one}\``).join(', ')
}

/** The reference of the inventory's variables, as Markdown. */
export function variableReference(): string {
  const table = (shape: Readonly<Record<string, z.ZodType>>) =>
    rowsOf(z.object(shape), '')
      .map((cells) => `| ${cells.map(cell).join(' | ')} |`)
      .join('\n')
  return `# Variables

Made of runner/topology/schema.ts by \`npm run docs\`. What the playbooks make of your servers is said by these variables of
the inventory, of hosts and groups. They are checked before the first connection. A name that begins with \`pg_\` and is not
among them is an error, unless you use it yourself.

A host with \`pg_version\` has one cluster. What is not said is left as it is: the playbooks enforce what a replication that
is described needs, and nothing else. Two clusters of one machine are two hosts of the inventory, with one \`ansible_host\`.

## The topology

| variable | type | default | |
|---|---|---|---|
${table(TOPOLOGY)}

## Hosts that stand in for each other

Hosts with one \`pg_ha_group\` are copies of each other, and one of them is the primary. \`pg_primary\` says which, when nothing
exists yet; afterwards the one that is found counts, and neither switchover.yaml nor failover.yaml wants an edit.

\`\`\`yaml
shop_servers:
  vars:
    pg_ha_group: shop
    pg_primary: shop1
    pg_publications: [{ name: orders, tables: [sales.orders] }]
  hosts: { shop1: {}, shop2: {}, shop3: {} }
\`\`\`

- What the primary does is the group's: \`publishes\`, \`subscribes_to\`, \`pg_publications\`, \`pg_subscriptions\`, and what is in
  its cluster. Members that say different things of these are refused. Port, address, settings, rules and packages may differ.
- Others name the group: \`subscribes_to: [shop]\`, \`standby_of: shop\`, \`backup_of: shop\`. That is whoever is its primary.
- A primary that is found counts only if every member answers, and none knows a later timeline. While one does not
  answer nothing is changed in the group: \`-e primary=HOST\` goes on if you know who it is. Hosts without \`pg_ha_group\` are
  what \`standby_of\` says.
- Before PostgreSQL 17 the slots of subscribers are not on the standbys: whatever writes has to stop for a switchover, which
  \`-e writes_stopped=yes\` says (topologies.md, 7), and a failover leaves them behind.
- How clients find it: [clients.md](clients.md).

## What is in a cluster, and how it is set

Facts of the host may stand in these.

| variable | type | default | |
|---|---|---|---|
${table(CONTENTS)}

## Certificates, packages and backups

| variable | default | |
|---|---|---|
| \`certificate_authority\` | \`ca\` beside the inventory | Folder on this machine with the authority that signs the servers' certificates. Made where it is missing: keep its key to yourself, and keep a copy. |
| \`new_certificate_authority\` | false | Whether one is made although servers trust another. |
| \`certificate_files\` | the authority's | Your own: \`cert\`, \`key\` and \`root_cert\`, files on this machine. |
| \`pgdg_repo_url\`, \`pgdg_suite\`, \`pgdg_key_url\`, \`pgdg_key_fingerprint\` | no repository is added | Where the packages come from, and the key that signs them. |

## What follows from them

Groups that need not be written: \`pg_servers\`, \`pg_primaries\`, \`pg_standbys\`, \`pg_cascading\` (standbys that follow a
standby), \`pg_publishers\`, and \`pg_ha_members\`. Members of a \`pg_ha_group\` are in those that hang on their role behind
playbooks/found.yaml: import it first. A playbook of your own may use them, and \`pg_wanted\`, what all this comes to for a host
(runner/topology/wanted-view.ts says what is in it).

What a feature needs: a server that others follow or subscribe to listens on all addresses where nothing is said
(\`listen_addresses\`), has the WAL level, the WAL senders and the slots that they need (raised where they are lower), and
lets the replication role in from the servers that it replicates with. A standby has the settings of its inventory entry,
and \`max_logical_replication_workers = 0\`, so that it cannot take the slots of its primary.

From PostgreSQL 17 on a standby of a publisher keeps the slots of its subscribers (\`sync_replication_slots\`,
\`hot_standby_feedback\`; \`failover\` of the subscriptions), and the publisher sends these nothing that its standbys lack
(\`synchronized_standby_slots\`, unless \`pg_settings\` says it): [topologies.md](topologies.md#7-a-publisher-with-a-standby).
`
}

function section(module: Module): string {
  const free = module.freeForm ? `\nWritten as plain text it is \`${module.freeForm}\`.\n` : ''
  const lines = parameterRows(module).map((cells) => `| ${cells.map(cell).join(' | ')} |`)
  const table =
    lines.length > 0
      ? `\n| parameter | type | default | |\n|---|---|---|---|\n${lines.join('\n')}`
      : '\nNo parameters.'
  return `## ${module.name}\n\n${module.summary}\n${free}${table}`
}

type Row = [name: string, type: string, fallback: string, text: string]

/** The rows of a module's table: its parameters, and after each what the mapping holds that it is, or is a list of. */
export const parameterRows = (module: Module): Row[] => rowsOf(module.params, '')

function rowsOf(schema: z.ZodType, prefix: string): Row[] {
  return [...parameters(schema)].flatMap(([name, { meta, schema: own }]) => {
    const also = meta?.aliases ? ` Also: ${meta.aliases.map((alias) => `\`${alias}\``).join(', ')}.` : ''
    const example = meta?.example === undefined ? '' : ` Example: \`${JSON.stringify(meta.example)}\`.`
    const row: Row = [
      `\`${prefix}${name}\``,
      typeName(own),
      fallbackOf(own, meta),
      `${meta?.description ?? ''}${also}${example}`,
    ]
    // What CEL arrives as is nothing that a playbook says.
    const held = elementOf(own)
    if (!typeName(own).includes('mapping')) return [row]
    return [row, ...rowsOf(held, `${prefix}${name}${held === own ? '' : '[]'}.`)]
  })
}

/** What counts where a parameter is not given; empty where its schema does not tell. */
function fallbackOf(schema: z.ZodType, meta: ParamMeta | undefined): string {
  const parsed = schema.safeParse(undefined)
  if (!parsed.success) return '*required*'
  if (meta?.unset !== undefined) return meta.unset
  const layer = wrapped(schema).find((at) => at._zod.def.defaultValue !== undefined)
  return layer ? `\`${JSON.stringify(layer._zod.def.defaultValue)}\`` : ''
}

function typeName(schema: z.ZodType): string {
  let nullable = ''
  for (const at of wrapped(schema)) {
    const { def } = at._zod
    if (def.type === 'nullable') nullable = ' or null'
    const name = at.meta()?.takes ?? ownName(def)
    if (name !== undefined) return `${name}${nullable}`
  }
  return `anything${nullable}`
}

function ownName(def: any): string | undefined {
  if (def.type === 'enum') return Object.values(def.entries).join(', ')
  if (def.type === 'array') return `list of ${typeName(def.element)}`
  if (def.type === 'union') return [...new Set(def.options.map(typeName))].join(' or ')
  return { object: 'mapping', record: 'mapping', null: 'null' }[def.type as string]
}

const cell = (text: unknown): string => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ')

if (process.argv[1]?.endsWith('generate.ts')) {
  writeFileSync(new URL('./modules.md', import.meta.url), moduleReference())
  writeFileSync(new URL('./keywords.md', import.meta.url), keywordReference())
  writeFileSync(new URL('./variables.md', import.meta.url), variableReference())
  writeFileSync(new URL('./language.md', import.meta.url), languageReference())
  writeFileSync(new URL('./config.md', import.meta.url), configReference())
  writeFileSync(new URL('./ssh.md', import.meta.url), sshReference())
}
