const NAMES = ['localhost', '127.0.0.1', '::1']

/** These names are this machine, and are there without being in the inventory. */
export const isLocalhost = (name: string): boolean => NAMES.includes(name)
