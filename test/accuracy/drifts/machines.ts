import { type Drift, restart, start } from './act.ts'

const SOURCES = '/etc/apt/sources.list.d/pgdg.sources'
const KEY = '/etc/apt/keyrings/pgdg.asc'
const CREATE = '/etc/postgresql-common/createcluster.conf'

/** Packages, repositories and the files beside PostgreSQL. */
export const machines: readonly Drift[] = [
  { name: 'package-removed', apply: [['vm2', 'apt-get remove -qq -y postgresql-15 >/dev/null']] },
  { name: 'package-removed-standby', apply: [['vm4', 'apt-get remove -qq -y postgresql-15 >/dev/null']] },
  { name: 'client-removed', apply: [['vm3', 'apt-get remove -qq -y postgresql-client-15 >/dev/null']] },
  {
    name: 'package-held',
    apply: [['vm1', 'apt-mark hold postgresql-15']],
    undo: [['vm1', 'apt-mark unhold postgresql-15']],
  },
  {
    name: 'package-removed-and-held',
    apply: [['vm1', 'apt-get remove -qq -y postgresql-15 >/dev/null; apt-mark hold postgresql-15']],
    undo: [['vm1', 'apt-mark unhold postgresql-15']],
  },
  { name: 'repository-edited', apply: [['vm1', `sed -i 's/^Suites:.*/Suites: trixie-pgdg/' ${SOURCES}`]] },
  { name: 'repository-disabled', apply: [['vm2', `echo 'Enabled: no' >> ${SOURCES}`]] },
  { name: 'repository-missing', apply: [['vm3', `rm ${SOURCES}`]] },
  {
    name: 'repository-key-replaced',
    apply: [['vm2', `cat /usr/share/keyrings/debian-archive-keyring.gpg > ${KEY}`]],
  },
  { name: 'repository-key-garbage', apply: [['vm2', `echo garbage > ${KEY}`]] },
  { name: 'repository-key-missing', apply: [['vm4', `rm ${KEY}`]] },
  { name: 'repository-key-mode', apply: [['vm4', `chmod 0600 ${KEY}`]] },
  { name: 'repository-lists-missing', apply: [['vm4', 'rm -rf /var/lib/apt/lists/*']] },
  {
    name: 'repository-lists-missing-package-removed',
    apply: [['vm1', 'apt-get remove -qq -y postgresql-15 >/dev/null; rm -rf /var/lib/apt/lists/*']],
  },
  { name: 'createcluster-changed', apply: [['vm2', `echo 'create_main_cluster = true' >> ${CREATE}`]] },
  { name: 'createcluster-folder-mode', apply: [['vm2', 'chmod 0700 /etc/postgresql-common']] },
  {
    name: 'createcluster-folder-gone',
    apply: [['vm2', 'mv /etc/postgresql-common /etc/postgresql-common.away']],
    undo: [
      ['vm2', 'rm -rf /etc/postgresql-common; mv /etc/postgresql-common.away /etc/postgresql-common'],
      restart('vm2'),
    ],
  },
  {
    name: 'service-disabled',
    apply: [['vm1', 'systemctl disable --now -q postgresql']],
    undo: [['vm1', 'systemctl enable -q postgresql'], start('vm1')],
  },
]
