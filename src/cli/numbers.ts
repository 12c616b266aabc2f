import { InvalidArgumentError } from 'commander'

/** Parsers of option values, for commander. */
export function parsePositiveInteger(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('Expected a whole number of at least 1.')
}

export function parseNatural(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0 && text.trim() !== '') return value
  throw new InvalidArgumentError('Expected a whole number of at least 0.')
}

export function parsePositive(text: string): number {
  const value = Number(text)
  if (value > 0 && value < Infinity) return value
  throw new InvalidArgumentError('Expected a positive number.')
}

export function parseNonNegative(text: string): number {
  const value = Number(text)
  if (value >= 0 && value < Infinity && text.trim() !== '') return value
  throw new InvalidArgumentError('Expected a number of at least 0.')
}
