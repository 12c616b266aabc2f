import { z } from 'zod'
import { parsePointer, valueAt } from './json-pointer.js'

/** A place in a message. */
export const pointerSchema = z
  .string()
  .max(256)
  .refine(text => parsePointer(text) !== undefined, 'expected a JSON Pointer such as /data/0/value')

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const test = z.strictObject({
  /** Is there anything at all, null included? */
  exists: z.boolean().exactOptional(),
  /** None of these. */
  not: z.union([scalar, z.array(scalar)]).exactOptional(),
  /** A number of at least this. */
  from: z.number().exactOptional(),
  /** A number below this. */
  below: z.number().exactOptional(),
})

/** What must stand where in a message: a value, one of several, or a test. All must hold. */
export const conditionSchema = z.record(pointerSchema, z.union([scalar, z.array(scalar), test]))

/** Conditions as they are written. */
export type Condition = z.infer<typeof conditionSchema>

/** A function that says whether all conditions hold. */
export function compileCondition(condition: Condition): (document: unknown) => boolean {
  const tests = Object.entries(condition).map(([text, expected]) => {
    const pointer = parsePointer(text)!
    const holds = compileTest(expected)
    return (document: unknown) => holds(valueAt(document, pointer))
  })
  return document => tests.every(holds => holds(document))
}

function compileTest(expected: Condition[string]): (value: unknown) => boolean {
  if (typeof expected !== 'object' || expected === null) return value => value === expected
  if (Array.isArray(expected)) return value => (expected as readonly unknown[]).includes(value)
  const { exists, not, from, below } = expected
  const excluded: readonly unknown[] = not === undefined ? [] : Array.isArray(not) ? not : [not]
  return value =>
    (exists === undefined || exists === (value !== undefined)) &&
    !excluded.includes(value) &&
    (from === undefined || (typeof value === 'number' && value >= from)) &&
    (below === undefined || (typeof value === 'number' && value < below))
}
