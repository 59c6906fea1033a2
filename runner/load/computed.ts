/** What objects answer whose parts are worked out when they are read. */
export const COMPUTED = Symbol('computed')

/**
 * Whether all parts of an object are worked out when they are read, as variables are. Nobody needs to go through it to see what is in it:
 * whoever reads a part looks at that.
 */
export const isComputed = (value: object): boolean => (value as { [COMPUTED]?: true })[COMPUTED] === true
