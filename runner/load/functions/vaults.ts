import { PlayError } from '../../errors.ts'
import { decrypt, encrypt } from '../vault/cipher.ts'
import { formatEnvelope, isVaultText, parseEnvelope } from '../vault/envelope.ts'
import { vault } from '../vault/vault.ts'
import { filter, requireText } from './define.ts'
import type { FunctionCall, LibraryFunction } from './function.ts'

/** Steps for the rounds that make a key of a password: some 10 ms. */
const KEY = 100_000

function sealed([text, secret, salt, label]: readonly unknown[], call: FunctionCall): string {
  const plain = Buffer.from(requireText(text))
  const password = secretOf(secret, call)
  call.spend(KEY + (plain.length >> 4))
  const fixed = salt === null || salt === '' ? undefined : Buffer.from(requireText(salt))
  return formatEnvelope(encrypt(plain, password, requireText(label), fixed))
}

/** What is not encrypted is given back as it is. */
function opened([text, secret]: readonly unknown[], call: FunctionCall): string {
  const sealedText = requireText(text)
  const password = secretOf(secret, call)
  if (!isVaultText(sealedText)) return sealedText
  call.spend(KEY + (sealedText.length >> 4))
  const plain = decrypt(envelopeOf(sealedText, call), password)
  if (!plain) return call.fail('this was encrypted with another password')
  const made = plain.toString()
  vault.learn(made)
  return made
}

function secretOf(secret: unknown, call: FunctionCall): Buffer {
  const password = requireText(secret)
  if (password === '') call.fail('the password is empty')
  vault.learn(password)
  return Buffer.from(password)
}

function envelopeOf(text: string, call: FunctionCall) {
  try {
    return parseEnvelope(text)
  } catch (error) {
    if (error instanceof PlayError) return call.fail(error.message, error.hint)
    throw error
  }
}

export const VAULTS: readonly LibraryFunction[] = [
  filter(
    'vault(secret, salt=None, vault_id="filter_default", wrap_object=False)',
    'text | vault(password)',
    'a text as Ansible Vault encrypts it',
    sealed,
  ),
  filter(
    'unvault(secret, vault_id="filter_default")',
    'text | unvault(password)',
    'what Ansible Vault encrypted; it is masked everywhere',
    opened,
  ),
]
