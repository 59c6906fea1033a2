import { CLUSTER, CONFIG, move, type Subject, sql } from './subject.ts'

const HBA = `${CONFIG}/pg_hba.conf`
const LINES = 'local all postgres peer\\nlocal all all peer\\n'
const RULE = '{ type: host, database: app, user: app, address: 192.0.2.0/24, method: scram-sha-256 }'
const reload = 'pg_ctlcluster 15 tuple reload'
const RESET = `rm -f ${CONFIG}/conf.d/*.conf; pg_ctlcluster 15 tuple restart`

export const server: readonly Subject[] = [
  {
    name: 'hba',
    clean: `printf '${LINES}' > ${HBA}; ${reload}`,
    starts: [':', `printf 'host app app 192.0.2.0/24 scram-sha-256\\n' >> ${HBA}`],
    moves: [
      move(`copy: { dest: ${HBA}, content: "${LINES}host all all 192.0.2.9/32 reject\\n" }`, { file: 'a' }),
      move(`copy: { dest: ${HBA}, content: "${LINES}" }`, { file: 'b' }),
      move(`pg_hba: { ${CLUSTER}, rules: [${RULE}] }`, { file: 'rule', rule: 'yes' }),
      move(`pg_hba: { ${CLUSTER}, rules: [${RULE}], state: absent }`, { rule: 'no' }),
      move(`pg_hba: { ${CLUSTER}, rules: [{ type: local, user: postgres, method: peer }] }`),
      move(`pg_conf: { ${CLUSTER}, settings: { log_min_duration_statement: 250ms } }`, { log: '250' }),
      move(`pg_cluster: { ${CLUSTER}, state: reloaded }`, {}, true),
      move(`sql: { ${CLUSTER}, read_only: true, query: "select count(*) from pg_hba_file_rules" }`),
    ],
  },
  {
    name: 'conf',
    clean: RESET,
    starts: [
      ':',
      `echo 'work_mem = 5MB' > ${CONFIG}/conf.d/other.conf`,
      `echo 'max_connections = 55' > ${CONFIG}/conf.d/other.conf; ${reload}`,
    ],
    moves: [
      move(`copy: { dest: ${CONFIG}/conf.d/other.conf, content: "work_mem = 6MB\\n" }`, { other: 'work' }),
      move(`copy: { dest: ${CONFIG}/conf.d/other.conf, content: "max_connections = 66\\n" }`, {
        other: 'max',
      }),
      move(`file: { path: ${CONFIG}/conf.d/other.conf, state: absent }`, { other: 'no' }),
      move(`pg_conf: { ${CLUSTER}, settings: { work_mem: 7MB } }`, { work: '7' }),
      move(`pg_conf: { ${CLUSTER}, settings: { max_connections: 66 } }`, { max: '66' }),
      move(`pg_conf: { ${CLUSTER}, settings: { work_mem: null, max_connections: null } }`, {
        work: 'none',
        max: 'none',
      }),
      move(`pg_conf: { ${CLUSTER}, settings: { log_file_mode: "0640" }, apply: none }`, { mode: '640' }),
      move(`pg_cluster: { ${CLUSTER}, state: started, restart: pending }`, {}, true),
      move(`pg_cluster: { ${CLUSTER}, state: reloaded }`, {}, true),
      move(`sql: { ${CLUSTER}, read_only: true, query: select 1 }`),
    ],
  },
  {
    name: 'port',
    clean: `sed -i 's/^port = .*/port = 5499/' ${CONFIG}/postgresql.conf; ${RESET}`,
    starts: [':', `echo 'port = 5498' > ${CONFIG}/conf.d/port.conf`],
    moves: [
      move(`pg_conf: { ${CLUSTER}, settings: { port: 5497 }, file: port.conf }`, { port: '5497' }),
      move(`pg_conf: { ${CLUSTER}, settings: { port: 5499 }, file: port.conf }`, { port: '5499' }),
      move(`pg_cluster: { ${CLUSTER}, state: started, restart: pending }`, {}, true),
      move(`pg_role: { ${CLUSTER}, name: tuple_port }`),
      move(`sql: { ${CLUSTER}, read_only: true, query: show port }`),
      move(`pg_info: { ${CLUSTER} }`),
    ],
  },
  {
    name: 'role',
    clean: sql(
      'drop database if exists tuple_db; drop schema if exists tuple_s cascade; drop owned by tuple_a, tuple_b; drop role if exists tuple_a; drop role if exists tuple_b;',
    ),
    starts: [
      ':',
      sql('create role tuple_a login;'),
      sql('create role tuple_a; create role tuple_b; grant tuple_a to tuple_b;'),
    ],
    moves: [
      move(`pg_role: { ${CLUSTER}, name: tuple_a, login: true, createdb: true }`, { login: 'yes' }),
      move(`pg_role: { ${CLUSTER}, name: tuple_a, login: false }`, { login: 'no' }),
      move(`pg_role: { ${CLUSTER}, name: tuple_b, member_of: [tuple_a] }`, { b: 'in a' }),
      move(`pg_role: { ${CLUSTER}, name: tuple_a, member_of: [tuple_b] }`, { a: 'in b' }),
      move(`pg_role: { ${CLUSTER}, name: tuple_b, state: absent }`, { b: 'absent' }),
      move(
        `pg_grant: { ${CLUSTER}, type: database, objects: [postgres], privileges: [CREATE], roles: [tuple_a] }`,
        { grant: 'yes' },
      ),
      move(
        `sql: { ${CLUSTER}, as: tuple_a, query: "alter role current_user set application_name = 'x'", unless: "select from pg_db_role_setting where 'application_name=x' = any (setconfig)" }`,
        { name: 'x' },
      ),
      move(`sql: { ${CLUSTER}, as: tuple_a, read_only: true, query: select current_user }`),
      move(`sql: { ${CLUSTER}, read_only: true, query: "select 'tuple_a'::regrole" }`),
      move(`pg_setting: { ${CLUSTER}, role: tuple_a, settings: { work_mem: 16MB } }`, { work: '16' }),
      move(`pg_database: { ${CLUSTER}, name: tuple_db, owner: tuple_a }`, { owner: 'a' }),
      move(`pg_schema: { ${CLUSTER}, name: tuple_s, owner: tuple_a }`, { schema: 'yes' }),
    ],
  },
  {
    name: 'database',
    clean: sql('drop database if exists tuple_db;'),
    starts: [
      ':',
      sql('create database tuple_db;'),
      sql("create database tuple_db template template0 encoding 'LATIN1' locale 'C';"),
    ],
    moves: [
      move(`pg_database: { ${CLUSTER}, name: tuple_db }`),
      move(`pg_database: { ${CLUSTER}, name: tuple_db, encoding: UTF-8, locale: C.UTF-8 }`, {
        locale: 'utf8',
      }),
      move(
        `pg_database: { ${CLUSTER}, name: tuple_db, encoding: latin1, lc_collate: C, lc_ctype: C, template: template0 }`,
        { locale: 'C' },
      ),
      move(`pg_database: { ${CLUSTER}, name: tuple_db, connection_limit: 7 }`, { limit: '7' }),
      move(`pg_schema: { ${CLUSTER}, db: tuple_db, name: s }`),
      move(
        `pg_table: { ${CLUSTER}, db: tuple_db, name: t, columns: [{ name: id, type: int }], primary_key: [id] }`,
      ),
      move(
        `pg_table: { ${CLUSTER}, db: tuple_db, name: t, columns: [{ name: id, type: int }, { name: more, type: text }] }`,
        { more: 'yes' },
      ),
      move(`sql: { ${CLUSTER}, db: tuple_db, read_only: true, query: select count(*) from t }`),
      move(
        `sql: { ${CLUSTER}, db: tuple_db, query: insert into t (id) values (1), unless: select from t where id = 1 }`,
      ),
      move(`pg_publication: { ${CLUSTER}, db: tuple_db, name: p, tables: [t] }`),
    ],
  },
  {
    name: 'extension',
    clean: sql(
      'drop extension if exists pg_trgm; drop schema if exists tuple_s; drop database if exists tuple_db;',
    ),
    starts: [':', sql("create extension pg_trgm version '1.4';"), sql('create extension pg_trgm;')],
    moves: [
      move(`pg_extension: { ${CLUSTER}, name: pg_trgm }`, { there: 'yes' }),
      move(`pg_extension: { ${CLUSTER}, name: pg_trgm, extension_version: '1.5' }`, {
        there: 'yes',
        version: '1.5',
      }),
      move(`pg_extension: { ${CLUSTER}, name: pg_trgm, extension_version: latest }`, {
        there: 'yes',
        version: '1.6',
      }),
      move(`pg_extension: { ${CLUSTER}, name: pg_trgm, schema: tuple_s }`, { there: 'yes', schema: 's' }),
      move(`pg_schema: { ${CLUSTER}, name: tuple_s }`),
      move(`pg_extension: { ${CLUSTER}, name: pg_trgm, state: absent }`, { there: 'no' }),
      move(`pg_database: { ${CLUSTER}, name: tuple_db }`),
      move(`pg_extension: { ${CLUSTER}, db: tuple_db, name: pg_trgm, extension_version: '1.5' }`, {
        other: '1.5',
      }),
      move(`pg_extension: { ${CLUSTER}, db: tuple_db, name: pg_trgm, extension_version: latest }`, {
        other: '1.6',
      }),
    ],
  },
]
