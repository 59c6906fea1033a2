import { quoteLiteral } from '../../../contract/quote.ts'

/**
 * Who holds which rights, as one text that is the same in every version: an aclitem's own text has letters that another
 * version lacks, and names who granted it, which no dump keeps.
 * @param acl an expression: aclitem[]
 * @param owner an expression: the owner's oid, whose rights are told apart from a role of that name
 * @param major of the older server: MAINTAIN came with 17, and ALL means it there
 */
export const rightsOf = (acl: string, major: number): string =>
  `(select string_agg(line, ' ' order by line) from (
    select distinct format('%s:%s%s', case when x.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(x.grantee)) end,
      x.privilege_type, case when x.is_grantable then '*' else '' end) as line
    from aclexplode(${acl}) x${major < 17 ? " where x.privilege_type <> 'MAINTAIN'" : ''}) rights)`

const labelOf = (oid: string, catalog: string): string =>
  `(select string_agg(provider || ' ' || label, ',' order by provider) from pg_shseclabel where objoid = ${oid} and classoid = '${catalog}'::regclass)`

/** What a new database has for life. */
const FIXED: readonly [what: string, value: string][] = [
  ['encoding', 'pg_encoding_to_char(d.encoding)'],
  ['lc_collate', 'd.datcollate'],
  ['lc_ctype', 'd.datctype'],
  ['locale provider', "coalesce(to_jsonb(d) ->> 'datlocprovider', 'c')"],
  // From 16 on en_US is rewritten as en-US; 17 renamed the column.
  [
    'locale',
    "lower(replace(coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', ''), '_', '-'))",
  ],
  ['collation rules', "coalesce(to_jsonb(d) ->> 'daticurules', '')"],
  ['tablespace', '(select spcname::text from pg_tablespace where oid = d.dattablespace)'],
]

/**
 * All that databases share, and what stands on these databases, as rows of `what` and `value`; `fixed` is what a database
 * keeps for life. Passwords are compared by a digest of their secrets.
 * @param major of the older of the servers that are compared
 */
export function globalsQuery(databases: readonly string[], major: number): string {
  const names = `array[${databases.map(quoteLiteral).join(', ')}]`
  const ofDatabases = `pg_database d where d.datname = any (${names})`
  const parts = [
    `select format('role %I', rolname), concat_ws(' ', rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,
       rolreplication, rolbypassrls, rolconnlimit, extract(epoch from rolvaliduntil), md5(rolpassword),
       md5(shobj_description(oid, 'pg_authid')), ${labelOf('oid', 'pg_authid')}), false
     from pg_authid where rolname !~ '^pg_'`,
    // Before 16 nobody's rights came of who had granted them, and what a membership brings was the member's attribute.
    `select format('membership of %I in %I', pg_get_userbyid(member), pg_get_userbyid(roleid)),
       string_agg(distinct ${major < 16 ? 'admin_option::text' : "concat_ws(' ', admin_option, to_jsonb(m) ->> 'inherit_option', to_jsonb(m) ->> 'set_option', pg_get_userbyid(grantor))"}, ','), false
     from pg_auth_members m where pg_get_userbyid(member) !~ '^pg_' group by member, roleid`,
    `select format('setting %I of %s%s', split_part(setting, '=', 1),
         case when setrole = 0 then 'all roles' else format('role %I', pg_get_userbyid(setrole)) end,
         case when setdatabase = 0 then '' else format(' in database %I', d.datname) end),
       substr(setting, strpos(setting, '=') + 1), false
     from pg_db_role_setting s left join pg_database d on d.oid = setdatabase, unnest(setconfig) setting
     where setdatabase = 0 or d.datname = any (${names})`,
    `select format('tablespace %I', spcname), concat_ws(' ', pg_tablespace_location(oid), pg_get_userbyid(spcowner), spcoptions,
       ${rightsOf('spcacl', major)}, md5(shobj_description(oid, 'pg_tablespace')), ${labelOf('oid', 'pg_tablespace')}), false
     from pg_tablespace where spcname !~ '^pg_'`,
    `select format('owner of database %I', datname), pg_get_userbyid(datdba), false from ${ofDatabases}`,
    `select format('privileges on database %I', datname), ${rightsOf("coalesce(datacl, acldefault('d', datdba))", major)}, false from ${ofDatabases}`,
    `select format('connection limit of database %I', datname), datconnlimit::text, false from ${ofDatabases}`,
    `select format('whether database %I is a template', datname), datistemplate::text, false from ${ofDatabases}`,
    `select format('comment on database %I', datname), md5(shobj_description(oid, 'pg_database')), false from ${ofDatabases}`,
    `select format('security labels of database %I', datname), ${labelOf('oid', 'pg_database')}, false from ${ofDatabases}`,
    ...FIXED.map(
      ([what, value]) =>
        `select format('${what} of database %I', datname), ${value}, true from ${ofDatabases}`,
    ),
  ]
  if (major >= 15)
    parts.push(
      `select 'privileges on parameter ' || parname, ${rightsOf('paracl', major)}, false from pg_parameter_acl`,
    )
  return `select what, value, fixed from (${parts.join('\nunion all ')}) as found (what, value, fixed) where value is not null`
}
