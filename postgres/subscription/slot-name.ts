import { createHash } from 'node:crypto'

/**
 * The slot of a subscription: subscriber and subscription, since two subscribers of one publisher may use the same
 * name for theirs. Without a subscription, the slot of the host as a standby. Characters that slot names do not have
 * become underscores; what is too long ends in a digest.
 */
export function slotNameFor(host: string, subscription?: string): string {
  const whole = subscription === undefined ? host : `${host}_${subscription}`
  const name = whole.toLowerCase().replace(/[^a-z0-9_]/g, '_')
  if (name.length <= 63) return name
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8)
  return `${name.slice(0, 54)}_${digest}`
}
