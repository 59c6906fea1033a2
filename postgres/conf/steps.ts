import type { SqlTarget, Step } from '../../contract/plan.ts'
import { quoteIdent } from '../../contract/quote.ts'
import { targetOf } from '../cluster/cluster.ts'
import { FILE_ERRORS, type Setting } from '../settings/catalogue.ts'
import { runningText } from '../settings/value.ts'
import { includesConfD } from './check.ts'
import type { ConfState } from './read.ts'
import type { Texts } from './texts.ts'

/**
 * The files are written, then judged by the server, and put back if it complains; only then is it told to reload, and
 * looked at until it has.
 */
export function stepsOf(
  state: ConfState,
  texts: Texts,
  resets: string[],
  reloadable: Setting[],
  certificate: boolean,
): Step[] {
  const { cluster } = state
  const running = cluster.running && !cluster.notReady
  const on = targetOf(cluster)
  const folder: Step = {
    do: 'directory',
    path: `${cluster.configDir}/conf.d`,
    owner: 'postgres',
    group: 'postgres',
    mode: '0755',
  }
  const files: Step[] = texts.changed().map(([path, content]) => ({
    do: 'write_file',
    path,
    content,
    keeps: true,
    // What is there keeps who may read it: a password may stand in it.
    ...(isThere(state, path) ? {} : { owner: 'postgres', group: 'postgres', mode: '0644' }),
    keep: path === state.auto?.path,
  }))
  const writes = includesConfD(state) ? files : [folder, ...files]
  if (!running) return writes
  const steps: Step[] =
    writes.length === 0 ? [] : [{ do: 'guard', steps: writes, verify: { on, text: VERIFY } }]
  // The server writes that file anew by itself: what it was before is kept, as of files that play writes.
  if (resets.length > 0 && state.auto) steps.push({ do: 'attributes', path: state.auto.path, keep: true })
  for (const name of resets)
    steps.push({ do: 'sql', on, text: `ALTER SYSTEM RESET ${name.split('.').map(quoteIdent).join('.')}` })
  if (reloadable.length === 0 && !certificate) return steps
  steps.push({ do: 'sql', on, text: RELOAD, title: 'the reload' })
  if (certificate) steps.push(awaitCertificate(on))
  const awaited = awaitedValues(reloadable, texts.effective(resets))
  if (awaited.length > 0)
    steps.push({
      do: 'wait',
      ready: { on, text: IN_FORCE, values: [JSON.stringify(awaited)] },
      timeout: 10,
      message: `the server was told to reload, but these settings did not take effect: ${awaited.map(({ name }) => name).join(', ')}`,
    })
  return steps
}

export const RELOAD = 'select pg_reload_conf()'

const awaitCertificate = (on: SqlTarget): Step => ({
  do: 'wait',
  ready: { on, text: CERTIFICATE_READ },
  timeout: 10,
  message: 'the server was told to reload, but has not read its certificate anew',
})

const CERTIFICATE_READ = `select 1 where not exists (
  select from unnest(array[current_setting('ssl_cert_file'), current_setting('ssl_key_file')]) file
  where (pg_stat_file(file, true)).modification > pg_conf_load_time())`

const VERIFY = `select concat(file || ':' || line || ': ', error) from (${FILE_ERRORS}) e`

/** Only settings that no role, database or session can override are waited for. */
function awaitedValues(settings: Setting[], effective: ReadonlyMap<string, { value: string }>) {
  return settings
    .filter(({ context, vartype }) => context === 'sighup' && vartype !== 'string')
    .flatMap((setting) => {
      const value = effective.get(setting.name.toLowerCase())?.value ?? setting.boot
      return value === undefined ? [] : [{ name: setting.name, setting: runningText(setting, value) }]
    })
}

const IN_FORCE = `select 1 where not exists (
  select from json_to_recordset($1::json) as wanted (name text, setting text) join pg_settings s using (name)
  where case when s.vartype = 'real' then s.setting::float8 <> wanted.setting::float8
    when s.vartype = 'integer' and s.setting !~ '^0[0-7]' then s.setting::bigint <> wanted.setting::bigint
    when s.vartype in ('bool', 'enum') then s.setting <> wanted.setting else false end)`

const isThere = ({ main, confD, auto }: ConfState, path: string): boolean =>
  [main, ...confD, ...(auto ? [auto] : [])].some((file) => file.path === path)
