import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { onGuest } from './guests.ts'
import { inventory } from './play.ts'

/** Its port, and how an application of its own logs in. */
export const FOREIGN = {
  port: 5433,
  cluster: 'prod',
  user: 'shop_app',
  password: 'shop-app-secret',
  database: 'shop',
}

/**
 * A primary that somebody else made, by hand: cluster 15/prod on port 5433 with three databases, rules of its own, which
 * end by rejecting all others, a map of users, files of conf.d, ALTER SYSTEM, a tablespace, tables with schemas, one of
 * them without a primary key, and lines in /etc/hosts.
 */
export async function buildForeign(host: string): Promise<void> {
  await installByHand(host)
  await onGuest(
    host,
    `set -e
pg_createcluster 15 ${FOREIGN.cluster} -p ${FOREIGN.port} -d /srv/prod -- --locale=C.UTF-8 --encoding=UTF8
etc=/etc/postgresql/15/${FOREIGN.cluster}
printf '10.99.0.7 ldap.example ldap\n10.99.0.8 backup.example\n' >>/etc/hosts
sed -i 's/^max_connections = .*/max_connections = 150/' $etc/postgresql.conf
mkdir -p $etc/conf.d
printf "listen_addresses = '*'\nwork_mem = 13MB\n" >$etc/conf.d/10-house.conf
printf 'log_min_duration_statement = 250ms\n' >$etc/conf.d/zz-last.conf
cat >$etc/pg_hba.conf <<'END'
# The house's own rules.
local   all             postgres                                peer
local   shop            shop_app                                peer map=house
local   all             all                                     peer
host    shop            shop_app        127.0.0.1/32            scram-sha-256
host    shop            shop_app        0.0.0.0/0               scram-sha-256   # the web shop
host    crm             crm_app         10.99.0.0/16            scram-sha-256
host    all             monitor         10.99.1.0/24            md5
hostssl reports         +readers        10.99.2.0/24            scram-sha-256
host    all             all             0.0.0.0/0               reject
END
printf '# Who is who.\nhouse           bob                     shop_app\n' >>$etc/pg_ident.conf
chown -R postgres:postgres $etc
install -d -o postgres -g postgres -m 0700 /srv/disks/nvme
pg_ctlcluster 15 ${FOREIGN.cluster} start
cd / && runuser -u postgres -- psql -XAtqp ${FOREIGN.port} -v ON_ERROR_STOP=1 <<'END'
alter system set maintenance_work_mem = '77MB';
create role shop_app login password '${FOREIGN.password}';
create role crm_app login; create role monitor login; create role readers; create role ann login in role readers;
create tablespace nvme location '/srv/disks/nvme';
create database shop owner shop_app; create database crm owner crm_app; create database reports;
\\c shop
create schema sales; create schema "Stock";
create table public.settings (name text primary key, value text);
create table sales.orders (id bigint primary key, at timestamptz default now(), total numeric) tablespace nvme;
create table sales.items (order_id bigint, number int, what text, primary key (order_id, number));
create table "Stock"."Parts" (id int primary key, "Name" text);
create table sales.log (at timestamptz default now(), line text);
create table sales.internal (id int primary key, secret text);
alter table sales.log replica identity full;
insert into public.settings values ('currency', 'EUR');
insert into sales.orders (id, total) select n, n * 3 from generate_series(1, 500) n;
insert into sales.items select n, 1, 'thing ' || n from generate_series(1, 500) n;
insert into "Stock"."Parts" select n, 'part ' || n from generate_series(1, 50) n;
insert into sales.log (line) select 'line ' || n from generate_series(1, 20) n;
insert into sales.internal values (1, 'not yours');
grant usage on schema sales, "Stock" to shop_app;
grant all on all tables in schema public, sales, "Stock" to shop_app;
\\c crm
create table customers (id int primary key, name text);
insert into customers values (1, 'Ann');
END
pg_ctlcluster 15 ${FOREIGN.cluster} restart`,
  )
}

/** What was there before `play` came, a line each: none of it may be gone or changed afterwards. */
export const foreignState = (host: string): Promise<string> =>
  onGuest(
    host,
    `cd /; etc=/etc/postgresql/15/${FOREIGN.cluster}
sed 's/^/hosts: /' /etc/hosts
for file in hba ident; do grep -v '^#' $etc/pg_$file.conf | tr -s ' ' | sed "s/^/$file: /"; done
for file in 10-house zz-last; do sed "s/^/$file: /" $etc/conf.d/$file.conf; done
q() { runuser -u postgres -- psql -XAtqp ${FOREIGN.port} -d "$1" -c "$2"; }
q postgres "select 'set: ' || name || '=' || setting from pg_settings where name in ('max_connections', 'work_mem',
  'maintenance_work_mem', 'log_min_duration_statement', 'listen_addresses', 'port', 'data_directory', 'shared_buffers') order by 1"
q postgres "select 'role: ' || rolname from pg_roles where rolname !~ '^pg_' order by 1"
q postgres "select 'db: ' || datname from pg_database order by 1"
q shop "select 'table: ' || attrelid::regclass || '.' || attname || ' ' || atttypid::regtype from pg_attribute a
  join pg_class c on c.oid = a.attrelid where relkind = 'r' and relnamespace::regnamespace::text !~ '^pg_|information' and attnum > 0 order by 1"
q shop "select 'rows: ' || count(*) from sales.internal"`,
  )

/** Logs in as the application, over TCP with its password, from another host. */
export const asApplication = (from: string, address: string, statement: string): Promise<string> =>
  onGuest(
    from,
    `cd /; umask 077; printf '*:*:*:${FOREIGN.user}:${FOREIGN.password}\n' >/tmp/app.pgpass
PGPASSFILE=/tmp/app.pgpass psql -XAtqw -h ${address} -p ${FOREIGN.port} -U ${FOREIGN.user} -d ${FOREIGN.database} -c ${JSON.stringify(statement)}; code=$?
rm /tmp/app.pgpass; exit $code`,
  )

/** The packages, without a cluster. */
export async function installByHand(host: string): Promise<void> {
  const { pgdg_repo_url, pgdg_suite } = parse(readFileSync(join(inventory, 'group_vars/all.yaml'), 'utf8'))
  await onGuest(
    host,
    `set -e
export DEBIAN_FRONTEND=noninteractive
echo 'deb [trusted=yes] ${pgdg_repo_url} ${pgdg_suite} main' >/etc/apt/sources.list.d/by-hand.list
apt-get -qq update
mkdir -p /etc/postgresql-common/createcluster.d
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/house.conf
apt-get -qqy --no-install-recommends install postgresql-15 >/dev/null`,
  )
}
