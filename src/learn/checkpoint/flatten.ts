import { isSavedArray, type Saved, type SavedArray } from '../../saved.js'
import type { Plain } from './checkpoint.js'

/**
 * A state as JSON, its arrays taken out into `arrays`: {"$array": 3} stands for the fourth. {"$number": "NaN"} stands for what
 * JSON has no number for; a field whose own name starts with "$" gets another "$".
 */
export function flatten(value: Saved, arrays: SavedArray[]): Plain {
  if (typeof value === 'number')
    return isPlainNumber(value) ? value : { $number: Object.is(value, -0) ? '-0' : `${value}` }
  if (typeof value !== 'object' || value === null) return value
  if (isSavedArray(value)) return { $array: arrays.push(value) - 1 }
  if (Array.isArray(value)) return value.map((item: Saved) => flatten(item, arrays))
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields.map(([name, field]) => [escaped(name), flatten(field, arrays)]))
}

/** The inverse of `flatten`. @param depth How deep it may be nested. @returns undefined where the JSON is not one of a state. */
export function unflatten(value: Plain, arrays: readonly SavedArray[], depth = DEEPEST): Saved | undefined {
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return undefined
  if (Array.isArray(value)) return every(value.map((item: Plain) => unflatten(item, arrays, depth - 1)))
  const entries = Object.entries(value as Readonly<Record<string, Plain>>)
  const [name, first] = entries[0] ?? []
  if (entries.length === 1 && name === '$array') return arrays[first as number]
  if (entries.length === 1 && name === '$number') return SPECIAL.get(first as string)
  if (entries.some(([field]) => /^\$([^$]|$)/.test(field))) return undefined
  const values = every(entries.map(([, field]) => unflatten(field, arrays, depth - 1)))
  return values && Object.fromEntries(entries.map(([field], i) => [unescaped(field), values[i]!]))
}

const DEEPEST = 32

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
])

function isPlainNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0)
}

const escaped = (name: string) => (name.startsWith('$') ? `$${name}` : name)
const unescaped = (name: string) => (name.startsWith('$') ? name.slice(1) : name)

function every(values: readonly (Saved | undefined)[]): readonly Saved[] | undefined {
  return values.every(value => value !== undefined) ? (values as readonly Saved[]) : undefined
}
