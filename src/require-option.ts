import { ContraflowError } from './errors.js'

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

/** @throws ContraflowError DIMENSION_MISMATCH, unless so many numbers are as many as there should be. */
export function requireLength(what: string, length: number, expected: number): void {
  if (length !== expected)
    throw new ContraflowError('DIMENSION_MISMATCH', {
      received: `${what} of ${length} numbers`,
      expected: `${expected}`,
    })
}
