import { FOREIGN, installByHand } from './foreign.ts'
import { onGuest } from './guests.ts'

/** The role that the house replicates with, and its password, which stands in connection strings. */
export const HOUSE = { user: 'repl', password: 'house-repl-secret' }

const etc = `/etc/postgresql/15/${FOREIGN.cluster}`

/** What is seldom, and what is secret, on the primary that buildForeign made; and a role and rules to replicate. */
export const furnishForeign = (host: string): Promise<string> =>
  onGuest(
    host,
    `set -e
sed -i '/reject$/d' ${etc}/pg_hba.conf
cat >>${etc}/pg_hba.conf <<'END'
host    all             ldap_users      10.99.3.0/24            ldap ldapserver=ldap.example ldapbindpasswd=bind-secret ldapbasedn="dc=example, dc=net"
host    "all",crm       "+odd","a b"    10.99.4.0 255.255.255.0 md5
host    replication     ${HOUSE.user}   0.0.0.0/0               scram-sha-256
host    all             ${HOUSE.user}   0.0.0.0/0               scram-sha-256
host    all             all             0.0.0.0/0               reject
END
cat >${etc}/conf.d/20-more.conf <<'END'
wal_level = logical
archive_command = 'curl --password=archive-secret -T %p https://archive.example/%f'
checkpoint_timeout = 900
random_page_cost = 1.1
synchronous_commit = local
track_io_timing = yes
log_line_prefix = '{{host}} %m {#x#} '
unix_socket_permissions = 0770
house.region = 'north'
END
echo "pg_ctl_options = '-o-cidle_in_transaction_session_timeout=90min'" >${etc}/pg_ctl.conf
pg_ctlcluster 15 ${FOREIGN.cluster} restart
cd / && runuser -u postgres -- psql -XAtqp ${FOREIGN.port} -v ON_ERROR_STOP=1 <<'END'
create role ${HOUSE.user} login replication password '${HOUSE.password}';
create role lead createrole connection limit 3 valid until '2031-05-01 12:00+02';
create role "{{braces}} {% if x %}"; grant readers to lead with admin option; grant pg_monitor to monitor;
create database "odd.name" owner lead template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C.UTF-8' connection limit 7;
create database closed allow_connections false;
\\c "odd.name"
create publication elsewhere for all tables;
\\c shop
create extension pg_trgm; create extension hstore schema sales;
create schema "o.d""d"; create table "o.d""d"."ta.b" (id int primary key, n int);
create publication house for table sales.orders (id, total) where (total > 0 and id is not null), "Stock"."Parts", "o.d""d"."ta.b";
create publication inserts for table sales.log with (publish = 'insert');
create publication whole for tables in schema sales with (publish_via_partition_root);
grant usage on schema sales, "Stock", "o.d""d" to ${HOUSE.user};
grant select on all tables in schema sales, "Stock", "o.d""d" to ${HOUSE.user};
END`,
  )

const CONNECTION = (address: string) =>
  `host=${address} port=${FOREIGN.port} user=${HOUSE.user} password=${HOUSE.password}`

/** A standby by hand: its connection is in postgresql.auto.conf with the password, its settings are its own. */
export async function buildForeignStandby(host: string, address: string): Promise<void> {
  await installByHand(host)
  await onGuest(
    host,
    `set -e
pg_createcluster 15 ${FOREIGN.cluster} -p ${FOREIGN.port} -d /srv/prod -- --locale=C.UTF-8 --encoding=UTF8
rm -rf /srv/prod; install -d -o postgres -g postgres -m 0700 /srv/prod /srv/disks /srv/disks/nvme
printf "max_connections = 150\nwork_mem = 5MB\nhot_standby_feedback = on\n" >${etc}/conf.d/replica.conf
cd /; runuser -u postgres -- pg_basebackup -R -C -S by_hand -D /srv/prod -d '${CONNECTION(address)}'
pg_ctlcluster 15 ${FOREIGN.cluster} start`,
  )
}

/** A second cluster, which subscribes by hand; one of its subscriptions is disabled. */
export async function buildForeignSubscriber(host: string, address: string): Promise<void> {
  await installByHand(host)
  await onGuest(
    host,
    `set -e
pg_createcluster 15 sub -p 5444 -- --locale=C.UTF-8 --encoding=UTF8
pg_ctlcluster 15 sub start
cd / && runuser -u postgres -- psql -XAtqp 5444 -v ON_ERROR_STOP=1 <<'END'
create database mart;
\\c mart
create schema sales; create schema "Stock"; create schema "o.d""d";
create table sales.orders (id bigint primary key, at timestamptz, total numeric);
create table "Stock"."Parts" (id int primary key, "Name" text);
create table "o.d""d"."ta.b" (id int primary key, n int);
create table sales.log (at timestamptz, line text);
create subscription mart_house connection '${CONNECTION(address)} dbname=shop' publication house with (slot_name = mart_1);
create subscription asleep connection '${CONNECTION(address)} dbname=shop' publication inserts;
alter subscription asleep disable;
END`,
  )
}
