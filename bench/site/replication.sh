# shellcheck shell=bash disable=SC2154
# What joins the hosts, when all servers are there: subscriptions and the standby; and that everything has arrived.

verified="sslmode=verify-full sslrootcert=$tls/root.crt"

# subscribe N COPY: to the publication of host N.
subscribe() {
  local connection="host=$network.1$1 dbname=postgres user=replicator passfile=$pass $verified"
  unless "select 1 from pg_subscription where subname = 'from_vm$1' and subenabled and subconninfo = '$connection'" \
    "create subscription from_vm$1 connection '$connection' publication test_pub
     with (create_slot = false, slot_name = 'vm${host}_from_vm$1', copy_data = $2)"
}

case $host in
  1) subscribe 2 false ;;
  2) subscribe 1 false ;;
  3)
    subscribe 1 true
    subscribe 2 true
    ;;
  4)
    changed=no
    put "$etc/conf.d/standby.conf" 644 postgres <<END
# Kept by play (standby_signal). A line that play did not write is left as it is.
primary_conninfo = 'host=$network.13 port=5432 user=replicator passfile=$pass $verified application_name=vm4'
primary_slot_name = vm4
END
    if [[ ! -e $data/standby.signal ]]; then
      pg_ctlcluster 15 main stop
      rm -rf "$data"
      PGPASSFILE=$pass runuser -u postgres -- pg_basebackup -d "host=$network.13 user=replicator $verified" -D "$data" -S vm4 -c fast
      install -m 600 -o postgres -g postgres /dev/null "$data/standby.signal"
      echo 'changed: base backup'
    fi
    [[ $changed == no ]] || pg_ctlcluster 15 main restart
    pg_lsclusters -h | grep -q '^15 *main .* online,recovery '
    until_found "select 1 from pg_stat_wal_receiver where status = 'streaming' and slot_name = 'vm4'"
    ;;
esac

case $host in 1) expected=1 ;; 2) expected=1 ;; 3) expected=2 ;; 4) expected=0 ;; esac
until_found "select 1 from pg_stat_subscription where pid is not null and relid is null having count(*) >= $expected"
until_found 'select 1 from test where id = 1 union all select 1 from test2 where id = 1 offset 1'
