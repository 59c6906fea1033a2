import type { Options } from '../../cli.ts'
import { PlayError } from '../../errors.ts'
import { DEFAULT_LABEL, parseVaultSource, readVaultPasswords } from '../../load/vault/passwords.ts'
import { type VaultPassword, vault } from '../../load/vault/vault.ts'
import type { VaultRequest } from '../../options/vault.ts'
import { askSecret } from '../ask.ts'
import { openVault } from '../open-vault.ts'

const ASKED = 'default@prompt'

/** Those that the options name; where they name none, it is asked for. */
export const existingPasswords = (options: Options): Promise<readonly VaultPassword[]> =>
  openVault({ ...options, vaultIds: options.vaultIds.length === 0 ? [ASKED] : options.vaultIds })

/** What to encrypt with, of those that the options name; one that is asked for is asked for twice. */
export async function newPassword(options: Options, request: VaultRequest): Promise<VaultPassword> {
  const sources = options.vaultIds.length === 0 ? [ASKED] : options.vaultIds
  vault.use(await readVaultPasswords(sources.map(parseVaultSource), askTwice))
  return passwordToEncrypt(options, request)
}

/** What rekey encrypts with. */
export async function rekeyPassword(options: Options, request: VaultRequest): Promise<VaultPassword> {
  const source = parseVaultSource(request.newVaultId ?? ASKED)
  const [found] = await readVaultPasswords([source], askTwice)
  return { ...found!, label: request.encryptVaultId ?? labelFor(source.label, options) }
}

/** A new password without a label of its own gets that of ANSIBLE_VAULT_ENCRYPT_IDENTITY. */
const labelFor = (label: string, { vaultEncryptIdentity }: Options): string =>
  label === DEFAULT_LABEL ? (vaultEncryptIdentity ?? label) : label

/** @throws {PlayError} code 'usage' where several would do, or none has the label that is asked for */
export function passwordToEncrypt(options: Options, request: VaultRequest): VaultPassword {
  const wanted = request.encryptVaultId ?? options.vaultEncryptIdentity
  const passwords = vault.passwords
  const labels = [...new Set(passwords.map((one) => one.label))]
  if (wanted === undefined && labels.length > 1)
    throw new PlayError('usage', `several vault passwords are given: ${labels.join(', ')}`, {
      hint: `say which one encrypts: --encrypt-vault-id ${labels[0]}`,
    })
  const found = passwords.find((one) => wanted === undefined || one.label === wanted)
  if (found) return found
  throw new PlayError('usage', `no vault password with the label ${wanted} is given`, {
    hint: `add --vault-id ${wanted}@FILE; there is ${labels.join(', ') || 'none'}`,
  })
}

async function askTwice(label: string): Promise<string> {
  const first = await askSecret(`New vault password (${label}): `)
  if ((await askSecret(`Confirm new vault password (${label}): `)) === first) return first
  throw new PlayError('vault', 'the two passwords differ', { hint: 'type the same one twice' })
}
