import * as z from 'zod'
import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import { anyCaseMapping, scalar, text } from '../../../contract/params.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { quoteIdent, quoteLiteral } from '../../../contract/quote.ts'
import { identifier } from '../../../postgres/catalog/names.ts'
import { type Overrides, overridesKey, readOverrides } from '../../../postgres/catalog/overrides.ts'
import { requireRole } from '../../../postgres/catalog/role.ts'
import {
  type Cluster,
  type Database,
  requireDatabase,
  requirePrimary,
  targetOf,
} from '../../../postgres/cluster/cluster.ts'
import { clusterParams } from '../../../postgres/cluster/meant.ts'
import { redact } from '../../../postgres/conf/redact.ts'
import { readSettings, recordedSettings, type Settings } from '../../../postgres/settings/catalogue.ts'
import { sameValue, textOf } from '../../../postgres/settings/value.ts'
import { isListQuoted, joinNames, splitNames } from './list-quoted.ts'
import { refuseSettings } from './refuse.ts'

const value = z.union([scalar(), z.null(), z.array(text())])

const params = z
  .strictObject({
    ...clusterParams,
    role: identifier.optional().meta({
      unset: 'all roles, in `db`',
      description: 'Role whose sessions get the settings (ALTER ROLE … SET).',
      example: 'app',
      aliases: ['user'],
    }),
    db: identifier.optional().meta({
      unset: 'all databases, of `role`',
      description:
        'Database whose sessions get them (ALTER DATABASE … SET). With `role`: that role’s sessions in this database alone.',
      example: 'app',
      aliases: ['database'],
    }),
    settings: anyCaseMapping(text(), value).meta({
      description:
        'Settings by name, with units as in postgresql.conf; a list for those that are lists of names, such as search_path. null resets one. Others are left alone.',
      example: { work_mem: '64MB', search_path: ['app', 'public'], statement_timeout: null },
    }),
  })
  .refine(({ role, db }) => role !== undefined || db !== undefined, {
    error: 'say whose sessions: `role`, `db`, or both',
    path: ['role'],
  })
type Params = z.infer<typeof params>

interface State {
  cluster: Cluster
  /** What is set now, by lower-case name. */
  overrides: Overrides
  settings: Settings
}

/** Settings that a role, a database, or a role in a database has of its own (ALTER ROLE, ALTER DATABASE). */
export const pgSettingModule = defineModule<Params, State>({
  name: 'pg_setting',
  summary: 'Settings of the sessions of a role, of a database, or of a role in a database',
  params,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    const { role, db } = params
    let database: Database | undefined
    if (db !== undefined) database = await requireDatabase(host, cluster, db)
    if (role !== undefined) await requireRole(host, cluster, role)
    const [overrides, fact] = await Promise.all([
      readOverrides(host, cluster, { role: role ?? null, database: database ?? null }),
      readSettings(host, cluster),
    ])
    const settings = fact?.settings ?? (await recordedSettings(cluster.version)).settings
    refuseSettings(settings, params.settings)
    return { cluster, overrides, settings }
  },
  plan({ cluster, overrides, settings }, params): Plan {
    const changes: Change[] = []
    const steps: Step[] = []
    const after = { ...overrides }
    const whose = whoseOf(params)
    for (const [written, wanted] of Object.entries(params.settings)) {
      const key = written.toLowerCase()
      const has = overrides[key]
      const text = wanted === null ? null : storedText(key, wanted)
      if (text === null ? has === undefined : has !== undefined && isSame(settings, key, has, text)) continue
      const name = settings[key]?.name ?? written
      changes.push({
        path: `setting ${name} of ${whose.name}`,
        before: has === undefined ? null : redact(has),
        after: text === null ? null : redact(text),
        reason: 'for sessions that begin from now on',
      })
      const variable = name.split('.').map(quoteIdent).join('.')
      steps.push({
        do: 'sql',
        title: `setting ${name} of ${whose.name}`,
        on: targetOf(cluster),
        text: `${whose.alter} ${wanted === null ? `RESET ${variable}` : `SET ${variable} TO ${setValue(key, wanted)}`}`,
      })
      if (text === null) delete after[key]
      else after[key] = text
    }
    if (steps.length === 0) return { changes, steps }
    const at = { role: params.role ?? null, database: params.db === undefined ? null : { name: params.db } }
    return { changes, steps, predicts: [predict(overridesKey(cluster, at), after)] }
  },
})

type Value = NonNullable<z.infer<typeof value>>

function whoseOf({ role, db }: Params): { name: string; alter: string } {
  const database = db === undefined ? '' : quoteIdent(db)
  if (role === undefined) return { name: `database ${db}`, alter: `ALTER DATABASE ${database}` }
  const alter = `ALTER ROLE ${quoteIdent(role)}`
  return db === undefined
    ? { name: `role ${role}`, alter }
    : { name: `role ${role} in database ${db}`, alter: `${alter} IN DATABASE ${database}` }
}

/** The names of a list, whichever way it was written. @throws {Refusal} */
function namesOf(name: string, wanted: Value): string[] {
  if (Array.isArray(wanted)) return wanted
  const names = splitNames(String(wanted))
  if (names === null)
    throw new Refusal(
      `${name} is a list of names, and ${JSON.stringify(wanted)} is none`,
      'Write it as a list.',
    )
  return names
}

/** As pg_db_role_setting will hold it. */
const storedText = (name: string, wanted: Value): string => {
  if (isListQuoted(name)) return joinNames(namesOf(name, wanted))
  return Array.isArray(wanted) ? wanted.join(', ') : textOf(wanted)
}

/** After SET … TO. */
const setValue = (name: string, wanted: Value): string => {
  const names = isListQuoted(name) ? namesOf(name, wanted) : [storedText(name, wanted)]
  return (names.length > 0 ? names : ['']).map(quoteLiteral).join(', ')
}

function isSame(settings: Settings, name: string, has: string, wanted: string): boolean {
  if (isListQuoted(name)) return joinNames(splitNames(has) ?? [has]) === wanted
  const setting = settings[name]
  return setting ? sameValue(setting, has, wanted) : has === wanted
}
