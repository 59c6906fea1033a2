import type { Options } from '../cli.ts'
import { parseVaultSource, readVaultPasswords } from '../load/vault/passwords.ts'
import { type VaultPassword, vault } from '../load/vault/vault.ts'
import { askSecret } from './ask.ts'

/** Reads or asks for the vault passwords that the options name; from then on what is encrypted can be read. */
export async function openVault({ vaultIds, vaultIdMatch }: Options): Promise<readonly VaultPassword[]> {
  const passwords =
    vaultIds.length === 0
      ? []
      : await readVaultPasswords(vaultIds.map(parseVaultSource), (label) =>
          askSecret(`Vault password (${label}): `),
        )
  vault.use(passwords, vaultIdMatch)
  return passwords
}
