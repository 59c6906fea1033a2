import { aptAvailableModule } from './apt-available.ts'
import { aptInstallModule } from './apt-install.ts'
import { aptRepoModule } from './apt-repo.ts'
import { assertModule } from './assert.ts'
import { commandModule } from './command.ts'
import type { Module } from './contract.ts'
import { copyModule } from './copy.ts'
import { debugModule } from './debug.ts'
import { failModule } from './fail.ts'
import { fileModule } from './file.ts'
import { pingModule } from './ping.ts'
import { pgBackupModule } from './postgres/pg-backup.ts'
import { pgBasebackupModule } from './postgres/pg-basebackup.ts'
import { pgClusterModule } from './postgres/pg-cluster.ts'
import { pgClustersModule } from './postgres/pg-clusters.ts'
import { pgConfModule } from './postgres/pg-conf.ts'
import { pgContentsModule } from './postgres/pg-contents.ts'
import { pgControldataModule } from './postgres/pg-controldata.ts'
import { pgCopySchemaModule } from './postgres/pg-copy-schema.ts'
import { pgDatabaseModule } from './postgres/pg-database.ts'
import { pgDiscardedModule } from './postgres/pg-discarded.ts'
import { pgExtensionModule } from './postgres/pg-extension.ts'
import { pgFenceModule } from './postgres/pg-fence.ts'
import { pgGrantModule } from './postgres/pg-grant.ts'
import { pgHbaModule } from './postgres/pg-hba.ts'
import { pgIdentityModule } from './postgres/pg-identity.ts'
import { pgInfoModule } from './postgres/pg-info.ts'
import { pgIsreadyModule } from './postgres/pg-isready.ts'
import { pgLeftoversModule } from './postgres/pg-leftovers.ts'
import { pgLostWritesModule } from './postgres/pg-lost-writes.ts'
import { pgPassfileModule } from './postgres/pg-passfile.ts'
import { pgPromoteModule } from './postgres/pg-promote.ts'
import { pgPublicationModule } from './postgres/pg-publication.ts'
import { pgReplicationModule } from './postgres/pg-replication.ts'
import { pgRestoreBackupModule } from './postgres/pg-restore-backup.ts'
import { pgRewindModule } from './postgres/pg-rewind.ts'
import { pgRoleModule } from './postgres/pg-role.ts'
import { pgSchemaModule } from './postgres/pg-schema.ts'
import { pgSettingModule } from './postgres/pg-setting.ts'
import { pgSlotModule } from './postgres/pg-slot.ts'
import { pgSlotGapModule } from './postgres/pg-slot-gap.ts'
import { pgSubscriptionModule } from './postgres/pg-subscription.ts'
import { pgTableModule } from './postgres/pg-table.ts'
import { pgTimelineModule } from './postgres/pg-timeline.ts'
import { sqlModule } from './postgres/sql.ts'
import { standbySignalModule } from './postgres/standby-signal.ts'
import { serviceModule } from './service.ts'
import { setFactModule } from './set-fact.ts'
import { shellModule } from './shell.ts'
import { statModule } from './stat.ts'
import { templateModule } from './template.ts'
import { tlsCertificateModule } from './tls-certificate.ts'
import { waitForModule } from './wait-for.ts'

/** Every module. A new one is its own file, its test, and one line here. */
const all: Module[] = [
  aptAvailableModule,
  aptInstallModule,
  aptRepoModule,
  assertModule,
  commandModule,
  copyModule,
  debugModule,
  failModule,
  fileModule,
  pgBackupModule,
  pgBasebackupModule,
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
  pgHbaModule,
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
  pgSubscriptionModule,
  pgTableModule,
  pgTimelineModule,
  pingModule,
  serviceModule,
  setFactModule,
  shellModule,
  sqlModule,
  standbySignalModule,
  statModule,
  templateModule,
  tlsCertificateModule,
  waitForModule,
]

export const modules: ReadonlyMap<string, Module> = new Map(all.map((module) => [module.name, module]))
