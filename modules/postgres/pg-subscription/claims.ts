import type { Claim } from '../../../contract/module.ts'
import type { SubscriptionParams } from './params.ts'

/** Reached so, a publisher is another one on every host. */
const isOwn = (host: string): boolean =>
  host.startsWith('/') || ['localhost', '127.0.0.1', '::1'].includes(host)

/** Two subscriptions must not have one slot: of what it sends each would get a part. */
export function claims(params: SubscriptionParams): Claim[] {
  const { version, cluster, db, name, state, slot_name, connection } = params
  const where = version === undefined ? (cluster ?? 'the only cluster') : `${version}/${cluster ?? 'main'}`
  const by = `subscription ${name} of database ${db} in ${where}`
  if (state === 'absent') return [{ what: null, by }]
  const host = connection?.host ?? '/'
  // Without a name of the task's own it is named after the host.
  if (slot_name === undefined || isOwn(host)) return []
  return [{ what: `slot ${slot_name} of ${host}:${connection?.port ?? 5432}`, by }]
}
