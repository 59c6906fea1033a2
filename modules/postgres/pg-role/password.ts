import { randomBytes } from 'node:crypto'
import { isScramSecret, SCRAM_SALT_LENGTH, scramSecret, verifyScram } from '../../../postgres/scram/scram.ts'

/** `secret` is what to store where the password does not match; null: none. */
export type PasswordState = { matches: true } | { matches: false; secret: string | null }

/**
 * Whether the stored secret is that of the wanted password, and if not, the one to store. This is part of inspecting,
 * not of planning, because the salt is random and plans are pure.
 * @param wanted undefined: leave it alone; null: none
 */
export async function passwordState(
  wanted: string | null | undefined,
  stored: string | null,
): Promise<PasswordState> {
  if (wanted === undefined) return { matches: true }
  if (wanted === null || isScramSecret(wanted))
    return wanted === stored ? { matches: true } : { matches: false, secret: wanted }
  if (await verifyScram(stored, wanted)) return { matches: true }
  return { matches: false, secret: await scramSecret(wanted, randomBytes(SCRAM_SALT_LENGTH)) }
}
