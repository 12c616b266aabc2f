import { z } from 'zod'

/** The name of a channel in a pipeline file. It is also the name of a field in messages, so it must be harmless everywhere. */
export const channelName = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'expected 1 to 64 letters, digits, "_", "." or "-"')
  .refine(name => name !== '__proto__', 'expected a name that is not reserved')

/** What names of channels that come with the data may consist of. */
export const DATA_NAME = 'letters, digits, blanks and signs of units, such as "CO2 (ppm)" or "T_in [°C]"'

const HARMLESS = /^[\p{L}\p{M}\p{N}\p{Sc} _.,:;#%‰°º+*=~^|@/()[\]{}$!?-]{1,64}$/u

/** May a channel be called so whose name comes with the data? Nothing that is markup, quotes or escapes, and no name that JavaScript reserves. */
export function isDataName(name: string): boolean {
  return HARMLESS.test(name) && name !== '__proto__'
}
