import type { Module } from '../contract/module.ts'
import { aptModule, packageModule } from './aliases/apt.ts'
import { deb822RepositoryModule } from './aliases/deb822.ts'
import { postgresqlDbModule } from './aliases/postgresql/db.ts'
import { postgresqlExtModule } from './aliases/postgresql/ext.ts'
import { postgresqlInfoModule, postgresqlPingModule } from './aliases/postgresql/info.ts'
import { postgresqlMembershipModule } from './aliases/postgresql/membership.ts'
import { postgresqlOwnerModule } from './aliases/postgresql/owner.ts'
import { postgresqlPgHbaModule } from './aliases/postgresql/pg-hba.ts'
import { postgresqlPrivsModule } from './aliases/postgresql/privs.ts'
import { postgresqlPublicationModule } from './aliases/postgresql/publication.ts'
import { postgresqlQueryModule, postgresqlScriptModule } from './aliases/postgresql/query.ts'
import { postgresqlSchemaModule } from './aliases/postgresql/schema.ts'
import { postgresqlAlterSystemModule, postgresqlSetModule } from './aliases/postgresql/set.ts'
import { postgresqlSlotModule } from './aliases/postgresql/slot.ts'
import { postgresqlSubscriptionModule } from './aliases/postgresql/subscription.ts'
import { postgresqlTableModule } from './aliases/postgresql/table.ts'
import { postgresqlTablespaceModule } from './aliases/postgresql/tablespace.ts'
import { postgresqlUserModule } from './aliases/postgresql/user.ts'
import { rawModule } from './aliases/raw.ts'
import { systemdModule, systemdServiceModule } from './aliases/systemd.ts'
import { asyncStatusModule } from './commands/async-status/index.ts'
import { commandModule } from './commands/command.ts'
import { scriptModule } from './commands/script.ts'
import { shellModule } from './commands/shell.ts'
import { addHostModule } from './control/add-host.ts'
import { assertModule } from './control/assert.ts'
import { debugModule } from './control/debug.ts'
import { failModule } from './control/fail.ts'
import { groupByModule } from './control/group-by.ts'
import { includeVarsModule } from './control/include-vars.ts'
import { pauseModule } from './control/pause.ts'
import { setFactModule } from './control/set-fact.ts'
import { validateArgumentSpecModule } from './control/validate-argument-spec/index.ts'
import { waitForModule } from './control/wait-for/index.ts'
import { blockinfileModule } from './files/blockinfile.ts'
import { copyModule } from './files/copy/index.ts'
import { fileModule } from './files/file/index.ts'
import { lineinfileModule } from './files/lineinfile.ts'
import { replaceModule } from './files/replace.ts'
import { statModule } from './files/stat.ts'
import { templateModule } from './files/template.ts'
import { aptAvailableModule } from './packages/apt-available.ts'
import { aptInstallModule } from './packages/apt-install/index.ts'
import { aptRepoModule } from './packages/apt-repo/index.ts'
import { aptRepositoryModule } from './packages/apt-repository.ts'
import { packageFactsModule } from './packages/package-facts.ts'
import { pgBackupModule } from './postgres/pg-backup/index.ts'
import { pgBasebackupModule } from './postgres/pg-basebackup/index.ts'
import { pgCanFollowModule } from './postgres/pg-can-follow.ts'
import { pgClusterModule } from './postgres/pg-cluster/index.ts'
import { pgClustersModule } from './postgres/pg-clusters.ts'
import { pgConfModule } from './postgres/pg-conf.ts'
import { pgContentsModule } from './postgres/pg-contents/index.ts'
import { pgControldataModule } from './postgres/pg-controldata.ts'
import { pgCopySchemaModule } from './postgres/pg-copy-schema/index.ts'
import { pgDatabaseModule } from './postgres/pg-database/index.ts'
import { pgDiscardedModule } from './postgres/pg-discarded/index.ts'
import { pgExtensionModule } from './postgres/pg-extension/index.ts'
import { pgFenceModule } from './postgres/pg-fence.ts'
import { pgGrantModule } from './postgres/pg-grant.ts'
import { pgHaRolesModule } from './postgres/pg-ha-roles.ts'
import { pgHbaModule } from './postgres/pg-hba/index.ts'
import { pgIdentModule } from './postgres/pg-ident.ts'
import { pgIdentityModule } from './postgres/pg-identity/index.ts'
import { pgInfoModule } from './postgres/pg-info/index.ts'
import { pgIsreadyModule } from './postgres/pg-isready.ts'
import { pgLeftoversModule } from './postgres/pg-leftovers/index.ts'
import { pgLostWritesModule } from './postgres/pg-lost-writes/index.ts'
import { pgPassfileModule } from './postgres/pg-passfile/index.ts'
import { pgPromoteModule } from './postgres/pg-promote.ts'
import { pgPublicationModule } from './postgres/pg-publication/index.ts'
import { pgReplicationModule } from './postgres/pg-replication.ts'
import { pgRestoreBackupModule } from './postgres/pg-restore-backup/index.ts'
import { pgRewindModule } from './postgres/pg-rewind.ts'
import { pgRoleModule } from './postgres/pg-role/index.ts'
import { pgSchemaModule } from './postgres/pg-schema/index.ts'
import { pgSettingModule } from './postgres/pg-setting/index.ts'
import { pgSlotModule } from './postgres/pg-slot/index.ts'
import { pgSlotGapModule } from './postgres/pg-slot-gap.ts'
import { pgStaysBehindModule } from './postgres/pg-stays-behind/index.ts'
import { pgStorageModule } from './postgres/pg-storage.ts'
import { pgSubscriptionModule } from './postgres/pg-subscription/index.ts'
import { pgTableModule } from './postgres/pg-table/index.ts'
import { pgTablespaceModule } from './postgres/pg-tablespace.ts'
import { pgTimelineModule } from './postgres/pg-timeline/index.ts'
import { sqlModule } from './postgres/sql/index.ts'
import { standbySignalModule } from './postgres/standby-signal.ts'
import { hostsEntryModule } from './system/hosts-entry.ts'
import { localeGenModule } from './system/locale-gen.ts'
import { pingModule } from './system/ping.ts'
import { serviceModule } from './system/service/index.ts'
import { setupModule } from './system/setup.ts'
import { sysctlModule } from './system/sysctl/index.ts'
import { tlsCertificateModule } from './system/tls-certificate/index.ts'

/** Every module. A new one is its own file, its test, and one line here. */
const general: Module[] = [
  addHostModule,
  aptAvailableModule,
  aptInstallModule,
  aptModule,
  aptRepoModule,
  aptRepositoryModule,
  assertModule,
  asyncStatusModule,
  blockinfileModule,
  commandModule,
  copyModule,
  deb822RepositoryModule,
  debugModule,
  failModule,
  fileModule,
  groupByModule,
  hostsEntryModule,
  includeVarsModule,
  lineinfileModule,
  localeGenModule,
  packageFactsModule,
  packageModule,
  pauseModule,
  pingModule,
  rawModule,
  replaceModule,
  scriptModule,
  serviceModule,
  setFactModule,
  setupModule,
  shellModule,
  statModule,
  sysctlModule,
  systemdModule,
  systemdServiceModule,
  templateModule,
  tlsCertificateModule,
  validateArgumentSpecModule,
  waitForModule,
]

/** Those of community.postgresql, under the names that they have there. */
const community: Module[] = [
  postgresqlAlterSystemModule,
  postgresqlDbModule,
  postgresqlExtModule,
  postgresqlInfoModule,
  postgresqlMembershipModule,
  postgresqlOwnerModule,
  postgresqlPgHbaModule,
  postgresqlPingModule,
  postgresqlPrivsModule,
  postgresqlPublicationModule,
  postgresqlQueryModule,
  postgresqlSchemaModule,
  postgresqlScriptModule,
  postgresqlSetModule,
  postgresqlSlotModule,
  postgresqlSubscriptionModule,
  postgresqlTableModule,
  postgresqlTablespaceModule,
  postgresqlUserModule,
]

const postgres: Module[] = [
  pgBackupModule,
  pgBasebackupModule,
  pgCanFollowModule,
  pgClusterModule,
  pgClustersModule,
  pgConfModule,
  pgContentsModule,
  pgCopySchemaModule,
  pgControldataModule,
  pgDatabaseModule,
  pgDiscardedModule,
  pgExtensionModule,
  pgFenceModule,
  pgGrantModule,
  pgHaRolesModule,
  pgHbaModule,
  pgIdentModule,
  pgIdentityModule,
  pgInfoModule,
  pgIsreadyModule,
  pgLostWritesModule,
  pgLeftoversModule,
  pgPassfileModule,
  pgPromoteModule,
  pgPublicationModule,
  pgReplicationModule,
  pgRestoreBackupModule,
  pgRoleModule,
  pgSchemaModule,
  pgSettingModule,
  pgRewindModule,
  pgSlotGapModule,
  pgSlotModule,
  pgStaysBehindModule,
  pgStorageModule,
  pgSubscriptionModule,
  pgTableModule,
  pgTablespaceModule,
  pgTimelineModule,
  sqlModule,
  standbySignalModule,
]

const all = [...general, ...community, ...postgres.map((module) => ({ ...module, group: 'postgres' }))].sort(
  (a, b) => (a.name < b.name ? -1 : 1),
)

export const modules: ReadonlyMap<string, Module> = new Map(all.map((module) => [module.name, module]))
