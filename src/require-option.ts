import { ContraflowError, shorten } from './errors.js'
import { nearestName } from './nearest-name.js'

/** @throws ContraflowError OPTION_INVALID, with what the option is and what it should be, unless `holds`. */
export function requireOption(name: string, value: unknown, holds: boolean, expected: string): void {
  if (!holds) throw new ContraflowError('OPTION_INVALID', { received: `${name}: ${String(value)}`, expected })
}

/** @throws As `requireOption`, unless the value is a whole number of at least `least`. */
export function requireCount(name: string, value: number, least = 1): void {
  requireOption(name, value, Number.isInteger(value) && value >= least, `a whole number of at least ${least}`)
}

/** @throws As `requireOption`, unless the value is one of the names. */
export function requireName(name: string, value: string, names: readonly string[]): void {
  requireOption(name, value, names.includes(value), `one of ${names.join(', ')}`)
}

/**
 * For callers whom no compiler warns of a misspelt option, which would be silently left out.
 * @param place What the options are of. @throws ContraflowError OPTION_INVALID with the nearest known name, unless all names are known.
 */
export function requireKnown(place: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find(name => !known.includes(name))
  if (unknown === undefined) return
  const near = nearestName(unknown, known)
  const received = `the unknown option "${shorten(unknown, 64)}"`
  throw new ContraflowError('OPTION_INVALID', {
    received,
    place,
    expected: near ? `"${near}"` : `one of ${known.join(', ')}`,
  })
}

/** @throws ContraflowError DIMENSION_MISMATCH, unless so many numbers are as many as there should be. */
export function requireLength(what: string, length: number, expected: number): void {
  if (length !== expected)
    throw new ContraflowError('DIMENSION_MISMATCH', {
      received: `${what} of ${length} numbers`,
      expected: `${expected}`,
    })
}
