import { quoteLiteral } from '../../../contract/quote.ts'
import { rightsOf } from './globals-query.ts'

interface Kind {
  catalog: string
  /** Besides being a user's, and no part of an extension. */
  where?: string
  owner?: string
  acl?: string
  /** Letter of acldefault. */
  letter?: string
  /** An expression whose text is the same in every version; of `o`. */
  value?: string
}

/** The names of a table's columns by their numbers, whose own differ between servers. */
function namesOf(table: string, numbers: string, order = 'n'): string {
  return `(select string_agg(coalesce(a.attname, '?'), ',' order by ${order}) from unnest(${numbers}) with ordinality u (attnum, n)
    left join pg_attribute a on a.attrelid = ${table} and a.attnum = u.attnum)`
}

/** What a database holds, apart from rows. How a view is spelled is left out: versions spell the same one differently. */
const KINDS: readonly Kind[] = [
  {
    catalog: 'pg_class',
    where:
      "o.relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I', 'c') and o.relpersistence <> 't' and o.relnamespace <> 'pg_toast'::regnamespace",
    owner: 'relowner',
    acl: 'relacl',
    letter: "case o.relkind when 'S' then 's' else 'r' end::\"char\"",
    value:
      "concat_ws(' ', o.relkind, o.relpersistence, o.reloptions, o.relrowsecurity, o.relforcerowsecurity, o.relreplident, (select spcname from pg_tablespace where oid = o.reltablespace), " +
      `(select string_agg(i.inhparent::regclass::text, ',' order by i.inhseqno) from pg_inherits i where i.inhrelid = o.oid),
       (select concat_ws(' ', q.seqtypid::regtype, q.seqstart, q.seqincrement, q.seqmax, q.seqmin, q.seqcache, q.seqcycle)
         from pg_sequence q where q.seqrelid = o.oid),
       (select concat_ws(' ', x.indisunique, x.indisprimary, x.indisexclusion, x.indimmediate, x.indisclustered, x.indisreplident,
           x.indnkeyatts, x.indoption, ${namesOf('x.indrelid', 'x.indkey::int2[]')},
           (select string_agg(c.opcname, ',' order by n) from unnest(x.indclass::oid[]) with ordinality u (oid, n) join pg_opclass c using (oid)))
         from pg_index x where x.indexrelid = o.oid))`,
  },
  {
    catalog: 'pg_proc',
    owner: 'proowner',
    acl: 'proacl',
    letter: "'f'",
    value:
      "concat_ws(' ', md5(o.prosrc), o.prosecdef, o.provolatile, o.proparallel, o.proisstrict, o.proconfig, o.procost, o.prorows, o.proleakproof, " +
      "(select concat_ws(' ', aggkind, aggtransfn, aggfinalfn, aggtranstype::regtype, agginitval) from pg_aggregate where aggfnoid = o.oid))",
  },
  { catalog: 'pg_namespace', owner: 'nspowner', acl: 'nspacl', letter: "'n'" },
  {
    catalog: 'pg_type',
    // Neither those of tables nor those of arrays and of ranges, which come with others.
    where:
      "o.typtype in ('b', 'd', 'e', 'r') and not exists (select from pg_type element where element.typarray = o.oid)",
    owner: 'typowner',
    acl: 'typacl',
    letter: "'T'",
    value: "(select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = o.oid)",
  },
  // From 18 on NOT NULL is one.
  {
    catalog: 'pg_constraint',
    where: "o.contype <> 'n'",
    value: `concat_ws(' ', o.contype, o.convalidated, o.condeferrable, o.condeferred, o.connoinherit, nullif(o.confrelid, 0)::regclass,
      o.confupdtype, o.confdeltype, o.confmatchtype, ${namesOf('o.conrelid', 'o.conkey', "case when o.contype = 'c' then 0 else n end, attname")},
      ${namesOf('o.confrelid', 'o.confkey')})`,
  },
  {
    catalog: 'pg_trigger',
    where: 'not o.tgisinternal',
    value: "concat_ws(' ', o.tgenabled, o.tgtype, o.tgfoid::regproc, o.tgdeferrable, o.tginitdeferred)",
  },
  {
    catalog: 'pg_rewrite',
    where: "o.rulename <> '_RETURN'",
    value: "concat_ws(' ', o.ev_enabled, o.ev_type, o.is_instead)",
  },
  {
    catalog: 'pg_policy',
    value:
      "concat_ws(' ', o.polcmd, o.polpermissive, (select string_agg(pg_get_userbyid(r)::text, ',' order by 1) from unnest(o.polroles) r))",
  },
  { catalog: 'pg_event_trigger', owner: 'evtowner', value: "concat_ws(' ', o.evtevent, o.evtenabled)" },
  { catalog: 'pg_extension', value: '(select nspname::text from pg_namespace where oid = o.extnamespace)' },
  {
    catalog: 'pg_statistic_ext',
    owner: 'stxowner',
    value: `concat_ws(' ', o.stxkind, ${namesOf('o.stxrelid', 'o.stxkeys::int2[]')}, nullif(to_jsonb(o) ->> 'stxstattarget', '-1'))`,
  },
  {
    catalog: 'pg_foreign_data_wrapper',
    owner: 'fdwowner',
    acl: 'fdwacl',
    letter: "'F'",
    value: 'o.fdwoptions::text',
  },
  {
    catalog: 'pg_foreign_server',
    owner: 'srvowner',
    acl: 'srvacl',
    letter: "'S'",
    value: 'o.srvoptions::text',
  },
  { catalog: 'pg_user_mapping', value: 'md5(o.umoptions::text)' },
  { catalog: 'pg_language', owner: 'lanowner', acl: 'lanacl', letter: "'l'" },
  { catalog: 'pg_collation', owner: 'collowner' },
  { catalog: 'pg_conversion', owner: 'conowner' },
  { catalog: 'pg_cast', value: "concat_ws(' ', o.castcontext, o.castmethod)" },
  { catalog: 'pg_operator', owner: 'oprowner' },
  { catalog: 'pg_opclass', owner: 'opcowner' },
  { catalog: 'pg_opfamily', owner: 'opfowner' },
  { catalog: 'pg_am' },
  { catalog: 'pg_transform' },
  { catalog: 'pg_ts_config', owner: 'cfgowner' },
  { catalog: 'pg_ts_dict', owner: 'dictowner', value: 'o.dictinitoption' },
  { catalog: 'pg_ts_parser' },
  { catalog: 'pg_ts_template' },
]

/** Oids below are the system's. */
const FIRST = 16384

const isMember = (catalog: string, oid: string): string =>
  `exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`
const named = (catalog: string, oid: string, column = '0'): string =>
  `(select concat_ws(' ', type, identity) from pg_identify_object('${catalog}'::regclass, ${oid}, ${column}))`

function objectsOf({ catalog, where, owner, acl, letter, value }: Kind, major: number): string {
  const parts = [
    value ?? 'null',
    owner ? `'owner ' || pg_get_userbyid(o.${owner})` : 'null',
    acl ? rightsOf(`coalesce(o.${acl}, acldefault(${letter}, o.${owner}))`, major) : 'null',
  ]
  return `select ${named(catalog, 'o.oid')}, concat_ws(' ', ${parts.join(', ')}) from ${catalog} o
    where (o.oid >= ${FIRST}${catalog === 'pg_namespace' ? " or o.nspname = 'public'" : ''}) and not ${isMember(catalog, 'o.oid')}
      ${catalog === 'pg_namespace' ? "and o.nspname !~ '^pg_(temp|toast)'" : ''}${where ? ` and ${where}` : ''}`
}

/** Rights on what the system or an extension brought, as far as they are not those that it came with (pg_init_privs). */
function changedRights(catalog: string, acl: string, owner: string, letter: string, major: number): string {
  const usual = `coalesce((select initprivs from pg_init_privs i where i.classoid = '${catalog}'::regclass and i.objoid = o.oid and i.objsubid = 0), acldefault(${letter}, o.${owner}))`
  const less = (a: string, b: string, sign: string): string =>
    `(select string_agg('${sign}' || line, ' ' order by line) from (
       select format('%s:%s', case when grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(grantee)) end, privilege_type) from aclexplode(${a})
       except select format('%s:%s', case when grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(grantee)) end, privilege_type) from aclexplode(${b})) x (line)
       ${major < 17 ? "where line !~ ':MAINTAIN$'" : ''})`
  const namespace = catalog === 'pg_namespace' ? 'o.oid' : `o.${owner.replace('owner', 'namespace')}`
  return `select 'privileges on ' || ${named(catalog, 'o.oid')}, nullif(concat_ws(' ', ${less(`o.${acl}`, usual, '+')}, ${less(usual, `o.${acl}`, '-')}), '')
    from ${catalog} o where o.${acl} is not null and (o.oid < ${FIRST} or ${isMember(catalog, 'o.oid')})
      and ${namespace} <> 'information_schema'::regnamespace ${catalog === 'pg_namespace' ? "and o.nspname <> 'public'" : ''}`
}

/**
 * What one database holds apart from rows, sequences' positions and subscriptions, as rows of `what` and `value`.
 * @param major of the older of the servers that are compared
 * @param without publications that do not count
 */
export function objectsQuery(major: number, without: readonly string[]): string {
  const excluded = `array[${without.map(quoteLiteral).join(', ')}]::text[]`
  const parts = [
    ...KINDS.map((kind) => objectsOf(kind, major)),
    // pg_attver is the server's own mark of when a column was made, in new minor releases: no dump has it.
    `select ${named('pg_class', 'o.oid', 'a.attnum')}, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef,
       nullif(a.attstattarget, -1), a.attidentity, a.attgenerated, a.attstorage,
       (select array_agg(option order by option) from unnest(a.attoptions) option where option !~ '^pg_attver='), a.attfdwoptions,
       (select collname from pg_collation where oid = a.attcollation), ${rightsOf('a.attacl', major)})
     from pg_class o join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
     where o.oid >= ${FIRST} and o.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and o.relpersistence <> 't' and not ${isMember('pg_class', 'o.oid')}`,
    `select format('publication %I', pubname), concat_ws(' ', pg_get_userbyid(pubowner), puballtables, pubinsert, pubupdate, pubdelete,
       pubtruncate, pubviaroot, (select string_agg(concat_ws(' ', r.prrelid::regclass${major >= 15 ? ', r.prattrs, pg_get_expr(r.prqual, r.prrelid)' : ''}), ',' order by r.prrelid::regclass::text)
         from pg_publication_rel r where r.prpubid = p.oid)${major >= 15 ? ",\n       (select string_agg(pnnspid::regnamespace::text, ',' order by 1) from pg_publication_namespace where pnpubid = p.oid)" : ''})
     from pg_publication p where pubname <> all (${excluded})`,
    `select format('default privileges of %I on %s in %s', pg_get_userbyid(defaclrole), defaclobjtype,
       coalesce((select quote_ident(nspname) from pg_namespace where oid = defaclnamespace), 'all schemas')), ${rightsOf('defaclacl', major)}
     from pg_default_acl`,
    changedRights('pg_proc', 'proacl', 'proowner', "'f'", major),
    changedRights(
      'pg_class',
      'relacl',
      'relowner',
      "case o.relkind when 'S' then 's' else 'r' end::\"char\"",
      major,
    ),
    changedRights('pg_namespace', 'nspacl', 'nspowner', "'n'", major),
    ...['pg_description', 'pg_seclabel'].map(
      (
        catalog,
      ) => `select '${catalog === 'pg_seclabel' ? 'security label of ' : 'comment on '}' || i.type || ' ' || i.identity,
        md5(string_agg(${catalog === 'pg_seclabel' ? "o.provider || ' ' || o.label" : 'o.description'}, ',' order by 1))
      from ${catalog} o, pg_identify_object(o.classoid, o.objoid, o.objsubid) i
      where o.objoid >= ${FIRST} and o.classoid <> 'pg_largeobject'::regclass and o.classoid <> 'pg_extension'::regclass
        and not exists (select from pg_depend e where e.classid = o.classoid and e.objid = o.objoid and e.deptype = 'e')
        and not exists (select from pg_publication p where o.classoid = 'pg_publication'::regclass and p.oid = o.objoid and p.pubname = any (${excluded}))
        and o.classoid <> 'pg_subscription'::regclass
      group by i.type, i.identity`,
    ),
  ]
  return `select what, value from (${parts.join('\nunion all ')}) as found (what, value) where what is not null and value is not null`
}
