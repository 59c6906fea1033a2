/** A value that only the real run will know. It spreads through conditions and templates and is never guessed. */
export class Unknown {
  constructor(readonly why: string) {}
}

export const unknown = (why: string): Unknown => new Unknown(why)

/**
 * A mapping of which only these keys are known: any other is unknown too, and not missing. Listed are the known ones alone.
 */
export function unknownBut<T extends object>(known: T, why: string): T {
  const isOpen = (target: object, key: string | symbol) =>
    typeof key === 'string' && !Object.hasOwn(target, key)
  const value = new Unknown(why)
  return new Proxy(known, {
    get: (target, key) =>
      isOpen(target, key) && !(key in Object.prototype) ? value : Reflect.get(target, key),
    has: (target, key) => isOpen(target, key) || Reflect.has(target, key),
    getOwnPropertyDescriptor: (target, key) =>
      isOpen(target, key)
        ? { value, configurable: true, enumerable: true, writable: false }
        : Reflect.getOwnPropertyDescriptor(target, key),
  })
}

/** Thrown by `inspect` where what it needs is unknown: the task is reported as unknown. */
export class UnknownError extends Error {
  override name = 'UnknownError'
}
