import { type Drift, ETC, reload, restart, sql } from './act.ts'

const TLS = '/etc/postgresql-common/tls'
const CONNECTION = 'dbname=postgres user=replicator passfile=/var/lib/postgresql/play.pgpass'
const SELF_SIGNED = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2000 -subj /CN=vm2`
const asPostgres = (path: string) => `chown postgres:postgres ${path}`

/** Keys, certificates, and whether they are used. */
export const tls: readonly Drift[] = [
  { name: 'tls-cert-missing', apply: [['vm1', `rm ${TLS}/server.crt`]] },
  { name: 'tls-key-missing', apply: [['vm3', `rm ${TLS}/server.key`]] },
  { name: 'tls-all-missing-on-standby', apply: [['vm4', `rm -r ${TLS}`]] },
  { name: 'tls-key-mode', apply: [['vm2', `chmod 0640 ${TLS}/server.key`]] },
  { name: 'tls-owner', apply: [['vm4', `chown root:root ${TLS}/*`]] },
  {
    name: 'tls-other-key',
    apply: [
      [
        'vm2',
        `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ${TLS}/server.key; ${asPostgres(`${TLS}/server.key`)}`,
      ],
    ],
  },
  {
    name: 'tls-other-authority',
    apply: [
      ['vm2', `${SELF_SIGNED} -keyout ${TLS}/server.key -out ${TLS}/server.crt; ${asPostgres(`${TLS}/*`)}`],
    ],
  },
  {
    name: 'tls-other-authority-reloaded',
    apply: [
      ['vm2', `${SELF_SIGNED} -keyout ${TLS}/server.key -out ${TLS}/server.crt; ${asPostgres(`${TLS}/*`)}`],
      reload('vm2'),
    ],
  },
  { name: 'tls-root-cert', apply: [['vm3', `cp /etc/ssl/certs/ssl-cert-snakeoil.pem ${TLS}/root.crt`]] },
  { name: 'tls-not-reloaded', apply: [['vm3', `touch ${TLS}/server.crt`]] },
  { name: 'tls-not-reloaded-on-standby', apply: [['vm4', `touch ${TLS}/server.key`]] },
  { name: 'tls-off', apply: [sql('vm1', 'alter system set ssl = off')] },
  { name: 'tls-off-reloaded', apply: [sql('vm1', 'alter system set ssl = off'), reload('vm1')] },
  {
    name: 'tls-never-was',
    apply: [
      ...['vm1', 'vm2', 'vm3', 'vm4'].map(
        (host) =>
          [
            host,
            `rm -r ${TLS}; sed -i '/^ssl/d' ${ETC}/conf.d/play.conf; sed -i 's/^hostssl/host   /' ${ETC}/pg_hba.conf`,
          ] as const,
      ),
      ['vm4', `sed -i 's/ sslmode=[^ ]* sslrootcert=[^ ]*//' ${ETC}/conf.d/standby.conf`],
      sql('vm3', `alter subscription from_vm1 connection 'host=vm1 ${CONNECTION}'`),
      sql('vm2', `alter subscription from_vm1 connection 'host=vm1 ${CONNECTION}'`),
      ...['vm1', 'vm2', 'vm3', 'vm4'].map(restart),
    ],
  },
]
