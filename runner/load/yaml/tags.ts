/** Of values that are encrypted; Ansible knows both. */
export const VAULT_TAGS: readonly string[] = ['!vault', '!vault-encrypted']
