import { type Drift, ETC, PASSFILE, reload, sql } from './act.ts'

const HBA = `${ETC}/pg_hba.conf`
const trust = `sed -i 's/^\\(hostssl .*replicator.*\\)scram-sha-256/\\1trust/' ${HBA}`

/** Who may log in: pg_hba.conf, roles, passwords. */
export const access: readonly Drift[] = [
  { name: 'hba-changed', apply: [['vm2', trust]] },
  { name: 'hba-changed-reloaded', apply: [['vm2', trust], reload('vm2')] },
  {
    name: 'hba-reordered',
    apply: [
      [
        'vm1',
        `grep '^hostssl .*replicator' ${HBA} | tac > /tmp/two; sed -i '/^hostssl .*replicator/d' ${HBA}; cat /tmp/two >> ${HBA}; rm /tmp/two`,
      ],
    ],
  },
  { name: 'hba-broken', apply: [['vm3', `echo 'host all all nonsense' >> ${HBA}`]] },
  { name: 'hba-broken-reloaded', apply: [['vm3', `echo 'host all all nonsense' >> ${HBA}`], reload('vm3')] },
  {
    name: 'hba-line-removed',
    apply: [['vm3', `sed -i '/^hostssl *replication *replicator/d' ${HBA}`], reload('vm3')],
  },
  {
    name: 'hba-rejects-first',
    apply: [['vm1', `sed -i '1i host all replicator 0.0.0.0/0 reject' ${HBA}`], reload('vm1')],
  },
  { name: 'hba-comment', apply: [['vm1', `echo '# kept by hand' >> ${HBA}`]] },
  { name: 'hba-empty', apply: [['vm2', `: > ${HBA}`]] },
  {
    name: 'hba-missing',
    apply: [['vm2', `mv ${HBA} ${HBA}.away`]],
    undo: [['vm2', `mv -n ${HBA}.away ${HBA}; rm -f ${HBA}.away`]],
  },
  { name: 'hba-standby', apply: [['vm4', `sed -i '/^hostssl .*replicator/d' ${HBA}`]] },
  {
    name: 'hba-mode',
    apply: [['vm1', `chmod 0644 ${HBA}`]],
    undo: [['vm1', `chmod 0640 ${HBA}`]],
  },
  {
    name: 'hba-mode-and-line',
    apply: [['vm1', `chmod 0644 ${HBA}; ${trust}`]],
    undo: [['vm1', `chmod 0640 ${HBA}`]],
  },
  { name: 'role-without-password', apply: [sql('vm1', 'alter role replicator password null')] },
  { name: 'role-other-password', apply: [sql('vm1', "alter role replicator password 'another'")] },
  {
    name: 'role-md5-password',
    apply: [
      sql(
        'vm2',
        "set password_encryption = md5; alter role replicator password 'lab-only-replication-secret'",
      ),
    ],
  },
  { name: 'role-nologin', apply: [sql('vm2', 'alter role replicator nologin')] },
  { name: 'role-noreplication', apply: [sql('vm3', 'alter role replicator noreplication')] },
  {
    name: 'role-expired',
    apply: [sql('vm1', "alter role replicator valid until '2001-01-01'")],
    undo: [sql('vm1', "alter role replicator valid until 'infinity'")],
  },
  { name: 'role-missing', apply: [sql('vm3', 'drop owned by replicator', 'drop role replicator')] },
  { name: 'role-superuser', apply: [sql('vm3', 'alter role replicator superuser')] },
  {
    name: 'role-connection-limit',
    apply: [sql('vm2', 'alter role replicator connection limit 0')],
    undo: [sql('vm2', 'alter role replicator connection limit -1')],
  },
  { name: 'passfile-other-password', apply: [['vm3', `echo '*:*:*:*:wrong' > ${PASSFILE}`]] },
  { name: 'passfile-other-password-of-role', apply: [['vm2', `sed -i 's/:[^:]*$/:wrong/' ${PASSFILE}`]] },
  { name: 'passfile-standby-missing', apply: [['vm4', `rm ${PASSFILE}`]] },
  { name: 'passfile-mode', apply: [['vm1', `chmod 0644 ${PASSFILE}`]] },
  { name: 'passfile-owner', apply: [['vm4', `chown root:root ${PASSFILE}`]] },
  {
    name: 'passfile-another-entry',
    apply: [['vm1', `echo 'db1:5432:*:app:x' >> ${PASSFILE}`]],
    undo: [['vm1', `sed -i /^db1/d ${PASSFILE}`]],
  },
]
