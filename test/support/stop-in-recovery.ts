import { onGuest } from './guests.ts'

const DATA = '/var/lib/postgresql/15/main'

/**
 * The server crashes, is started by hand, and is stopped while it recovers from that. Where there was so little to recover that
 * nothing could be stopped, it has stopped as ever.
 * @returns what its control file says
 */
export const stopInRecovery = (host: string): Promise<string> =>
  onGuest(
    host,
    `bin=/usr/lib/postgresql/15/bin; pid=; systemctl kill -s KILL postgresql@15-main
    while pgrep -u postgres -x postgres >/dev/null; do sleep 0.1; done; cd /
    runuser -u postgres -- $bin/pg_ctl -W -s -D ${DATA} -l /dev/null -o "-c config_file=/etc/postgresql/15/main/postgresql.conf" start
    until pid=$(pgrep -u postgres -f 'startup recovering') || sed -n 8p ${DATA}/postmaster.pid | grep -q ready; do sleep 0.01; done
    if [ -n "$pid" ]; then kill -STOP $pid; fi
    kill -INT $(head -1 ${DATA}/postmaster.pid)
    if [ -n "$pid" ]; then kill -CONT $pid; fi
    while [ -e ${DATA}/postmaster.pid ]; do sleep 0.1; done
    LC_ALL=C $bin/pg_controldata ${DATA}`,
  )
