import type { Pos } from '../../errors.ts'
import { parseEnvelope } from './envelope.ts'
import { vault } from './vault.ts'

/**
 * A `!vault` value. It is opened when it is read first: an inventory may hold values for whose label nobody here has
 * the password, as long as nothing needs them. What it holds is text, and never a template (as in Ansible 2.19).
 */
export class VaultValue {
  readonly #text: string
  readonly #pos: Pos
  readonly #label?: string

  /** @throws {PlayError} code 'vault' where the text is of no known form */
  constructor(text: string, pos: Pos) {
    this.#text = text
    this.#pos = pos
    this.#label = parseEnvelope(text, pos).label
  }

  /** What it holds, which is known as a secret from then on. @throws {PlayError} code 'vault' */
  open(): string {
    const plain = vault.openText(this.#text, 'this value', this.#pos)
    vault.learn(plain)
    return plain
  }

  /**
   * Before the run: whether it can be opened. A value for whose label no password is given is passed over where others
   * are: the task that needs it may be skipped. @throws {PlayError} code 'vault'
   */
  check(): void {
    if (!vault.isOfOthers(this.#label)) this.open()
  }

  /** As ansible-inventory prints it: encrypted. */
  toJSON(): { __ansible_vault: string } {
    return { __ansible_vault: this.#text }
  }
}
