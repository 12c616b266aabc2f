import { shorten } from '../../errors.js'

/** How a value becomes a number. */
export interface NumberFormat {
  readonly scale?: number
  readonly offset?: number
  /** What means "not measured", besides null. */
  readonly missing?: readonly (string | number | boolean)[]
  /** Numbers for words. */
  readonly codes?: Readonly<Record<string, number>>
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?$/i

/**
 * A number, a text of one, a coded word; null when it was not measured.
 * @returns a text that says what was received when it is none of these.
 */
export function numberOf(
  value: unknown,
  { scale = 1, offset = 0, missing, codes }: NumberFormat,
): number | null | string {
  if (value === null || missing?.includes(value as string)) return null
  const plain = plainNumber(value, codes)
  if (plain === undefined) return show(value)
  const number = scale * plain + offset
  return Number.isFinite(number) ? number : show(value)
}

function plainNumber(value: unknown, codes: NumberFormat['codes']): number | undefined {
  if (typeof value === 'number') return value
  if (codes && typeof value !== 'object' && Object.hasOwn(codes, String(value))) return codes[String(value)]
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return text.length <= 64 && NUMBER.test(text) ? Number(text) : undefined
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'number' ? String(value) : shorten(JSON.stringify(value), 64)
}
