import { pipelineSchema } from '../pipeline.js'
import { type Complaint, NOTHING, valueAt } from './explain.js'

/** Seconds of the units that are written behind numbers. */
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, sec: 1, min: 60, m: 60, h: 3600, d: 86_400 }

/** Put behind what a pipeline file should have had: how to write what was probably meant, beginning with "; ". Empty where nobody knows. */
export function advice({ path, received, expected }: Complaint, input: unknown): string {
  const value = valueAt(input, path)
  if (received === NOTHING) return runTogether(path, input)
  if (/\b(number|int)\b/.test(expected) && typeof value === 'string') return asNumber(value)
  if (/\bboolean\b/.test(expected)) return asBoolean(value)
  if (expected === 'string' && typeof value === 'number') return `; write "${value}" in quotes`
  if (expected === 'array' && typeof value === 'object' && value !== null)
    return '; put it into brackets, or "- " before it'
  if (expected === 'array' && value !== null) return `; write [${String(value)}]`
  if (expected !== 'object') return ''
  if (value === null) return '; where there is nothing to say, leave the field out'
  return typeof value === 'string' && isKind(value, path, input) ? `; write { kind: ${value} }` : ''
}

/** A name that is missing because there is no blank behind its colon. */
function runTogether(path: readonly PropertyKey[], input: unknown): string {
  const name = String(path.at(-1))
  const written = Object.keys(Object(valueAt(input, path.slice(0, -1)))).find(key => key.startsWith(`${name}:`))
  return written === undefined
    ? ''
    : `; write "${name}: ${written.slice(name.length + 1)}" with a blank behind the colon`
}

function asNumber(text: string): string {
  const [, digits, unit = ''] = /^\s*([-+\d._]+(?:e[-+]?\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? []
  const number = digits === undefined ? Number.NaN : Number(digits.replaceAll('_', ''))
  if (!Number.isFinite(number)) return ''
  if (unit === '') return `; write ${number} without quotes`
  const factor = Object.hasOwn(SECONDS, unit) ? SECONDS[unit]! : undefined
  return factor === undefined ? '; write it without its unit' : `; write ${number * factor}: times are in seconds`
}

function asBoolean(value: unknown): string {
  if (typeof value !== 'string') return ''
  if (/^(yes|on|y|true)$/i.test(value)) return '; write true'
  return /^(no|off|n|false)$/i.test(value) ? '; write false' : ''
}

/** Would an object of this kind be known here? */
function isKind(kind: string, path: readonly PropertyKey[], input: unknown): boolean {
  const { issues } = pipelineSchema.safeParse(replaced(input, path, { kind })).error ?? { issues: [] }
  const own = [JSON.stringify(path), JSON.stringify([...path, 'kind'])]
  return !issues.some(issue => own.includes(JSON.stringify(issue.path)))
}

/** The document with something else at a path. */
function replaced(input: unknown, [step, ...rest]: readonly PropertyKey[], value: unknown): unknown {
  if (step === undefined) return value
  const inner = replaced(valueAt(input, [step]), rest, value)
  if (Array.isArray(input)) return input.with(Number(step), inner)
  return { ...(input as object), [step]: inner }
}
