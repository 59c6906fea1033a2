import { lab } from './guests.ts'
import { onHost, quote } from './play.ts'

/** What somebody has in a server besides tables: all that stands on databases, roles, tablespaces, and in a schema. */
const FURNITURE = String.raw`
alter system set log_lock_waits = on;
create role shop login password 'one' connection limit 9 valid until '2040-01-01';
create role app login password 'two';
create role report;
create role intruder login;
grant report to app with admin option;
grant pg_monitor to report;
comment on role shop is E'it owns\nCREATE ROLE oops';
alter role shop set work_mem = '8MB';
alter role intruder set application_name = E'x\nCREATE ROLE evil SUPERUSER LOGIN;\nx';
alter role all set idle_in_transaction_session_timeout = '1h';
alter role all set search_path = "$user", public, sales;
grant set on parameter log_min_duration_statement to app;
create tablespace fast location '/srv/fast';
alter tablespace fast set (seq_page_cost = 2);
grant create on tablespace fast to app;
comment on tablespace fast is 'quick';
create database shop owner shop template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' connection limit 7 tablespace fast;
revoke all on database shop from public;
grant connect on database shop to app;
alter role shop in database shop set search_path = sales, public;
alter database shop set default_transaction_isolation = 'serializable';
comment on database shop is 'the shop''s';
revoke connect on database postgres from public;
alter role app in database postgres set work_mem = '10MB';
revoke all on database template1 from public;
\c template1
create extension pg_trgm;
\c shop
create extension packs;
insert into packs values (3, 'ours');
update packs set name = 'one, and changed' where id = 1;
create schema sales authorization shop;
set role shop;
create table sales.orders (id bigint generated always as identity primary key, customer text);
create table sales.parts (id int primary key) partition by range (id);
create table sales.parts1 partition of sales.parts for values from (0) to (100) tablespace fast;
alter table sales.orders alter column customer set statistics 500;
create statistics sales.both on id, customer from sales.orders;
insert into sales.orders (customer) select 'c' || i from generate_series(1, 50) i;
create unlogged table sales.fleeting (id int);
create materialized view sales.how_many as select count(*) as n from sales.orders;
create unique index on sales.how_many (n);
create materialized view sales.of_it as select count(*) as n from sales.how_many;
create sequence sales.used start 5 increment 5;
select nextval('sales.used');
create sequence sales.waiting;
select setval('sales.waiting', 1000, false);
create function sales.f() returns int language sql as 'select 1';
reset role;
alter default privileges for role shop in schema sales grant select on tables to report;
revoke all on function sales.f() from public;
revoke execute on function pg_ls_waldir() from pg_monitor;
grant execute on function pg_read_file(text) to app;
grant select (id) on sales.orders to app;
alter table sales.orders enable row level security;
create policy few on sales.orders to app using (id > 1);
create function public.on_ddl() returns event_trigger language plpgsql as 'begin end';
create event trigger on_ddl on ddl_command_end execute function public.on_ddl();
alter event trigger on_ddl disable;
create publication mine for table sales.orders (id) where (id > 5);
`

/** What a copy of the schema and logical replication do not carry over. */
const LEFT = String.raw`
create database other;
\c shop
select lo_create(12345);
insert into sales.fleeting values (1);
select pg_create_logical_replication_slot('cdc', 'pgoutput');
create subscription gone connection 'host=/nowhere dbname=x' publication p with (connect = false);
`
const CLEARED = String.raw`
drop database other;
\c shop
select lo_unlink(12345);
truncate sales.fleeting;
select pg_drop_replication_slot('cdc');
alter subscription gone set (slot_name = none);
drop subscription gone;
`

const asPostgres = (host: string, text: string): Promise<string> =>
  onHost(host, `cd / && printf %s ${quote(text)} | sudo -u postgres psql -XAtq -v ON_ERROR_STOP=1 2>&1`)

/** An extension whose script fills its table, for these versions. */
const EXTENSION = `for v in 15 17; do d=/usr/share/postgresql/$v/extension; mkdir -p $d
  printf "default_version = '1'\\nrelocatable = true\\n" > $d/packs.control
  printf "create table packs (id int primary key, name text); insert into packs values (1, 'one'), (2, 'two');
    select pg_catalog.pg_extension_config_dump('packs', 'where id > 2');\\n" > $d/packs--1.sql; done`

const rulesFile = (version: number): string => `/etc/postgresql/${version}/main/pg_hba.conf`
/** In the order in which they count. */
export const rulesOf = (host: string, version: number): Promise<string> =>
  onHost(host, `grep -v '^ *#\\|^$' ${rulesFile(version)} | tr -s ' \\t' ' '`)

export async function furnish(host: string): Promise<void> {
  await onHost(host, `install -d -o postgres -g postgres -m 700 /srv/fast; ${EXTENSION}`)
  await asPostgres(host, FURNITURE)
  await onHost(
    host,
    `sed -i '1i local shop intruder reject' ${rulesFile(15)}; systemctl reload postgresql@15-main`,
  )
}
export const leaveBehind = (host: string): Promise<string> => asPostgres(host, LEFT)
export const clearLeft = (host: string): Promise<string> => asPostgres(host, CLEARED)

/**
 * All that pg_dumpall and pg_dump of a version say of a cluster, but rows, and what they leave out. Who granted a membership is
 * said from 16 on.
 */
export const saidOf = (host: string, version: number, port: number): Promise<string> => {
  const bin = `/usr/lib/postgresql/${version}/bin`
  const settings = `select coalesce(datname, '-'), coalesce(rolname, '-'), setconfig from pg_db_role_setting
    left join pg_database d on d.oid = setdatabase left join pg_roles r on r.oid = setrole order by 1, 2`
  const text = `cd /; { ${bin}/pg_dumpall -p ${port} --globals-only
    for db in shop postgres template1; do ${bin}/pg_dump -p ${port} --create --schema-only --no-subscriptions -d $db; done
    ${bin}/psql -p ${port} -XAtc "${settings}"; ${bin}/psql -p ${port} -XAtc "select * from packs order by id" -d shop; } |
    grep -v '^--\\|^$\\|restrict\\|play_upgrade' | sed 's/,\\? \\(WITH \\)\\?INHERIT TRUE GRANTED BY postgres//'`
  return onHost(host, `sudo -u postgres bash -c ${quote(text)}`)
}

export const bare = (host: string): Promise<void> => lab('reset', host)
