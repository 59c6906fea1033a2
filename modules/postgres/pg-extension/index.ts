import { Refusal } from '../../../contract/errors.ts'
import { predict } from '../../../contract/facts.ts'
import type { HostReader } from '../../../contract/host.ts'
import { defineModule } from '../../../contract/module.ts'
import type { Change, Plan, Step } from '../../../contract/plan.ts'
import { quoteIdent, quoteLiteral } from '../../../contract/quote.ts'
import { UnknownError } from '../../../contract/unknown.ts'
import { type Extension, extensionKey, readExtension } from '../../../postgres/catalog/extension.ts'
import { touchedKey } from '../../../postgres/catalog/missing.ts'
import { requireSchema } from '../../../postgres/catalog/schema.ts'
import {
  type Cluster,
  type Database,
  requireDatabase,
  requirePrimary,
  targetOf,
} from '../../../postgres/cluster/cluster.ts'
import { type Available, requireAvailable } from './available.ts'
import { refuseToDrop } from './dependents.ts'
import { type Params, params } from './params.ts'

interface State {
  cluster: Cluster
  extension: Extension | null
  /** null where it need not be known. */
  available: Available | null
}

/** Extensions (CREATE, ALTER, DROP EXTENSION), never with CASCADE. */
export const pgExtensionModule = defineModule<Params, State>({
  name: 'pg_extension',
  summary: 'Creates, updates, moves and drops extensions',
  params,
  async inspect(host: HostReader, params): Promise<State> {
    const cluster = await requirePrimary(host, params)
    const database = await requireDatabase(host, cluster, params.db)
    const extension = await readExtension(host, cluster, database, params.name)
    if (params.state === 'absent') {
      if (extension) await refuseToDrop(host, cluster, database, params.name, params.confirm === params.name)
      return { cluster, extension, available: null }
    }
    if (params.schema !== undefined && params.schema !== extension?.schema)
      await requireSchema(host, cluster, database, params.schema)
    const isRight =
      extension && (params.extension_version === undefined || params.extension_version === extension.version)
    if (isRight) return { cluster, extension, available: null }
    const available = await requireAvailable(host, cluster, database, params.name)
    if (!extension) {
      refuseUnfit(available, params)
      if (params.schema === undefined && available.schema === null)
        await requireSchema(host, cluster, database, NEW_SCHEMA)
      await requireOthers(host, cluster, database, params, available)
    } else if (extension.version === null && params.extension_version !== 'latest')
      throw new UnknownError('the version that a planned package brings')
    return { cluster, extension, available }
  },
  plan({ cluster, extension, available }, params): Plan {
    const path = `extension ${params.name}`
    const key = extensionKey(cluster, params.db, params.name)
    const on = targetOf(cluster, params.db)
    const sql = (text: string): Step => ({ do: 'sql', title: path, on, text })
    if (params.state === 'absent') {
      if (!extension) return { changes: [], steps: [] }
      return {
        changes: [{ path, before: versionOf(extension), after: null, destructive: true }],
        steps: [sql(`DROP EXTENSION ${quoteIdent(params.name)} RESTRICT`)],
        predicts: [predict(key, null)],
      }
    }
    // Its script makes what nobody can tell beforehand.
    const touches = predict(touchedKey(cluster, params.db), true)
    if (!extension) {
      const made = newExtension(available!, params)
      return {
        changes: [{ path, before: null, after: { version: versionOf(made), schema: made.schema } }],
        steps: [sql(creation(available!, params))],
        predicts: [predict(key, made), touches],
      }
    }
    const after = { ...extension }
    const changes: Change[] = []
    const steps: Step[] = []
    const { schema, extension_version: wanted } = params
    if (schema !== undefined && schema !== extension.schema) {
      if (!extension.relocatable)
        throw new Refusal(
          `extension "${params.name}" is in schema "${extension.schema}" and cannot be moved`,
          `Leave \`schema\` out, or say "${extension.schema}".`,
        )
      changes.push({ path: `${path} schema`, before: extension.schema, after: schema })
      steps.push(sql(`ALTER EXTENSION ${quoteIdent(params.name)} SET SCHEMA ${quoteIdent(schema)}`))
      after.schema = schema
    }
    const target = wanted === 'latest' ? available?.default_version : wanted
    if (target != null && target !== extension.version) {
      refuseWithoutPath(extension, available!, target)
      changes.push({ path: `${path} version`, before: extension.version, after: target })
      steps.push(sql(`ALTER EXTENSION ${quoteIdent(params.name)} UPDATE TO ${quoteLiteral(target)}`))
      after.version = target
    }
    return { changes, steps, predicts: steps.length > 0 ? [predict(key, after), touches] : undefined }
  },
})

/** Where CREATE EXTENSION puts what has no schema of its own; said, because the search path may have another first. */
const NEW_SCHEMA = 'public'

const versionOf = ({ version }: Extension): string => version ?? '(what its package brings)'

const wantedVersion = ({ extension_version: wanted }: Params): string | undefined =>
  wanted === 'latest' ? undefined : wanted

function newExtension(available: Available, params: Params): Extension {
  return {
    name: params.name,
    schema: available.schema ?? params.schema ?? NEW_SCHEMA,
    version: wantedVersion(params) ?? available.default_version,
    relocatable: available.relocatable,
  }
}

function creation(available: Available, params: Params): string {
  const version = wantedVersion(params)
  return [
    `CREATE EXTENSION ${quoteIdent(params.name)}`,
    ...(available.schema === null ? [`SCHEMA ${quoteIdent(params.schema ?? NEW_SCHEMA)}`] : []),
    ...(version === undefined ? [] : [`VERSION ${quoteLiteral(version)}`]),
  ].join(' ')
}

/** @throws {Refusal} where the wanted schema or version cannot be had */
function refuseUnfit(available: Available, params: Params): void {
  if (params.schema !== undefined && available.schema !== null && params.schema !== available.schema)
    throw new Refusal(
      `extension "${params.name}" can only be in schema "${available.schema}"`,
      'Leave `schema` out.',
    )
  const version = wantedVersion(params)
  if (version !== undefined && available.versions && !available.versions.includes(version))
    throw new Refusal(
      `extension "${params.name}" has no version ${version} on this host`,
      `These are installed: ${available.versions.join(', ')}.`,
    )
}

/** @throws {Refusal} where it needs another extension that is not there */
async function requireOthers(
  host: HostReader,
  cluster: Cluster,
  database: Database,
  params: Params,
  available: Available,
): Promise<void> {
  const there = await Promise.all(
    available.requires.map((name) => readExtension(host, cluster, database, name)),
  )
  const lacking = available.requires.filter((_, index) => there[index] === null)
  if (lacking.length === 0) return
  throw new Refusal(
    `extension "${params.name}" needs ${lacking.map(quoteIdent).join(', ')}, which ${lacking.length === 1 ? 'is' : 'are'} not in database "${params.db}"`,
    `Create it first: ${lacking.map((name) => `pg_extension: { name: ${name}, db: ${params.db} }`).join(', ')}`,
  )
}

/** @throws {Refusal} where no scripts lead from the one version to the other */
function refuseWithoutPath({ name, version }: Extension, { updates }: Available, target: string): void {
  if (updates.some((one) => one.source === version && one.target === target)) return
  const reachable = updates.filter(({ source }) => source === version).map((one) => one.target)
  throw new Refusal(
    `extension "${name}" cannot be updated from ${version} to ${target}: no script on this host leads there`,
    reachable.length > 0
      ? `From ${version} these can be reached: ${reachable.join(', ')}.`
      : `Leave \`extension_version\` out, or install a package that holds it.`,
  )
}
