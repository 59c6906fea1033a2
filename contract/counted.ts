/** `1 host`, `2 hosts`. @param what one of them */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
