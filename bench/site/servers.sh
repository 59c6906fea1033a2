# shellcheck shell=bash disable=SC2154
# Everything that a host can do by itself: packages, settings, who may log in, roles, tables, publications, slots.
[[ $(. /etc/os-release && echo "$ID") == debian ]]
changed=no
put /etc/apt/keyrings/pgdg.asc 644 root <<<"$key"
put /etc/apt/sources.list.d/pgdg.sources 644 root <<END
# Written by play (apt_repo). What is changed here by hand is lost with the next run.
Types: deb
URIs: http://$network.1:8015/pgdg
Suites: bookworm-pgdg
Components: main
Signed-By: /etc/apt/keyrings/pgdg.asc
END
[[ $changed == no ]] || apt-get -qq update
if [[ $(dpkg-query -W -f '${db:Status-Status}' postgresql-15 2>/dev/null) != installed ]]; then
  apt-get -qq --no-install-recommends install postgresql-15 >/dev/null
  echo 'changed: postgresql-15'
fi

# One that this authority issued earlier will do.
if ! { [[ $(cat $tls/root.crt) == "$root_cert" && $(stat -c %a:%U $tls/server.key) == 600:postgres ]] &&
  openssl verify -CAfile $tls/root.crt -verify_ip "$network.1$host" $tls/server.crt &&
  openssl x509 -noout -checkend 7776000 -in $tls/server.crt; } &>/dev/null; then
  put $tls/root.crt 644 postgres <<<"$root_cert"
  put $tls/server.key 600 postgres <<<"$cert_key"
  put $tls/server.crt 644 postgres <<<"$cert"
fi

changed=no
put "$etc/conf.d/play.conf" 644 postgres <<END
# Kept by play (pg_conf). A line that play did not write is left as it is.
listen_addresses = '*'
wal_level = logical
ssl = on
ssl_cert_file = '$tls/server.crt'
ssl_key_file = '$tls/server.key'
max_worker_processes = 16
max_logical_replication_workers = $([[ $host == 4 ]] && echo 0 || echo 8)
wal_receiver_status_interval = 1s
END
restart=$changed changed=no
put "$etc/pg_hba.conf" 640 postgres <<END
local   all          postgres                    peer
local   all          all                         peer
host    all          all         127.0.0.1/32    scram-sha-256
host    all          all         ::1/128         scram-sha-256
hostssl postgres     replicator  $network.0/24   scram-sha-256
hostssl replication  replicator  $network.0/24   scram-sha-256
END
if [[ $restart == yes ]]; then
  pg_ctlcluster 15 main restart
elif [[ $changed == yes ]]; then
  pg_ctlcluster 15 main reload
fi
put "$pass" 600 postgres <<<'*:*:*:replicator:lab-only-replication-secret'
[[ $host != 4 ]] || exit 0
pg_lsclusters -h | grep -q '^15 *main .* online '

# Whether the password is this one, only a login over TCP can say.
if ! PGPASSFILE=$pass runuser -u postgres -- psql -XAtqc 'select 1' \
  'host=127.0.0.1 user=replicator dbname=postgres' &>/dev/null; then
  unless "select 1 from pg_roles where rolname = 'replicator'" 'create role replicator'
  sql "alter role replicator login replication password 'lab-only-replication-secret'"
  echo 'changed: role replicator'
fi
for table in test test2; do
  unless "select 1 from pg_class where relname = '$table'" "create table $table (id bigint primary key, note text)"
done

[[ $host != 1 ]] || published=test others='vm2_from_vm1 vm3_from_vm1'
[[ $host != 2 ]] || published=test2 others='vm1_from_vm2 vm3_from_vm2'
[[ $host != 3 ]] || unless "select 1 from pg_replication_slots where slot_name = 'vm4'" \
  "select pg_create_physical_replication_slot('vm4', true)"
[[ -n ${published:-} ]] || exit 0
unless "select 1 where has_table_privilege('replicator', '$published', 'select')" "grant select on $published to replicator"
unless "select 1 from pg_publication_tables where pubname = 'test_pub' and tablename = '$published'" \
  "create publication test_pub for table $published"
for slot in $others; do
  unless "select 1 from pg_replication_slots where slot_name = '$slot'" \
    "select pg_create_logical_replication_slot('$slot', 'pgoutput')"
done
unless "select 1 from $published where id = 1" "insert into $published values (1, 'written on vm$host')"
