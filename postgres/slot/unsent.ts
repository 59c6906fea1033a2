import { size } from '../../contract/units.ts'

/**
 * Why dropping a slot is destructive: what was written since it was confirmed last, which whoever streams from it will
 * never get. Also an idle server writes a little.
 * @param unsent bytes of WAL
 */
export const unsentReason = (unsent: number | null | undefined): string | undefined =>
  unsent == null || unsent <= 0
    ? undefined
    : `${size(unsent)} of WAL was written since it was confirmed last; whoever streams from it never gets the changes in it`
