import type { Vars } from '../load/types.ts'
import type { Masker } from '../report/mask.ts'

const SECRET_NAME = /(^|_)(password|passwd|pass|passphrase|secret|token|private_key)$/i

/**
 * Makes the values of variables that are secrets by their name known to the masker, before anything is printed.
 * A value with {{ }} is left: what it renders to is masked where a module declares the parameter secret.
 */
export function addSecretVariables(masker: Masker, layers: readonly Vars[]): void {
  for (const vars of layers)
    for (const [name, value] of Object.entries(vars))
      if (typeof value === 'string' && SECRET_NAME.test(name) && !value.includes('{{')) masker.add(value)
}
