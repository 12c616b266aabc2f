import { z } from 'zod'
import { ContraflowError } from '../errors.js'
import { ACTIVATION_NAMES, ADJOINT_NAMES, METHOD_NAMES } from '../names.js'
import { explain, formatPath } from './complaints/explain.js'

const matrix = z.array(z.array(z.number()).min(1)).min(1)

/** A problem of `contraflow adjoint`: a field, a start, observations, and how to solve it. */
export const problemSchema = z.strictObject({
  about: z.string().exactOptional(),
  field: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('linear'), matrix }),
    z.strictObject({
      kind: z.literal('mlp'),
      layers: z
        .array(
          z.strictObject({ weights: matrix, bias: z.array(z.number()).min(1), activation: z.enum(ACTIVATION_NAMES) }),
        )
        .min(1),
      time: z.boolean().exactOptional(),
    }),
  ]),
  t0: z.number(),
  z0: z.array(z.number()).min(1),
  observations: z
    .array(
      z.strictObject({
        t: z.number(),
        y: z.array(z.number().nullable()).min(1),
        weight: z.number().nonnegative().exactOptional(),
      }),
    )
    .min(1),
  solver: z
    .strictObject({
      method: z.enum(METHOD_NAMES).exactOptional(),
      rtol: z.number().positive().exactOptional(),
      atol: z.number().positive().exactOptional(),
      step: z.number().positive().exactOptional(),
      maxSteps: z.number().int().positive().exactOptional(),
    })
    .exactOptional(),
  adjoint: z.enum(ADJOINT_NAMES).exactOptional(),
})

export type Problem = z.infer<typeof problemSchema>

/**
 * A problem file, checked: every matrix has the size its neighbours need, no observation lies before t0.
 * A file that keeps reference results beside its `problem` will do too.
 * @throws ContraflowError PROBLEM_INVALID with every wrong field.
 */
export function parseProblem(text: string, file: string): Problem {
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch (error) {
    throw new ContraflowError('PROBLEM_INVALID', { received: (error as Error).message, place: file }, { cause: error })
  }
  input = unwrap(input)
  const parsed = problemSchema.safeParse(input)
  const complaints = parsed.success
    ? mismatches(parsed.data)
    : explain(parsed.error, problemSchema, input).map(
        ({ path, received, expected }) =>
          `${formatPath(path) || 'document'}: received ${received}; expected ${expected}`,
      )
  if (parsed.success && complaints.length === 0) return parsed.data
  const received = complaints.length === 1 ? 'a wrong field' : `${complaints.length} wrong fields`
  throw new ContraflowError('PROBLEM_INVALID', { received, place: file, complaints })
}

/** Files of reference results hold the problem under `problem`. */
function unwrap(input: unknown): unknown {
  const wrapped = typeof input === 'object' && input !== null && 'problem' in input && !('field' in input)
  return wrapped ? input.problem : input
}

/** What a schema cannot see: sizes that do not fit together, times in the wrong order. */
function mismatches({ field, t0, z0, observations }: Problem): string[] {
  const found: string[] = []
  const check = (path: string, received: number, expected: number) => {
    if (received !== expected) found.push(`${path}: received ${received} entries; expected ${expected}`)
  }
  const checkMatrix = (path: string, rows: readonly (readonly number[])[], columns: number) => {
    rows.forEach((row, i) => {
      check(`${path}[${i}]`, row.length, columns)
    })
  }
  if (field.kind === 'linear') {
    check('field.matrix', field.matrix.length, z0.length)
    checkMatrix('field.matrix', field.matrix, z0.length)
  } else {
    field.layers.forEach((layer, l) => {
      const inputs = l === 0 ? z0.length + (field.time ? 1 : 0) : field.layers[l - 1]!.bias.length
      checkMatrix(`field.layers[${l}].weights`, layer.weights, inputs)
      check(`field.layers[${l}].bias`, layer.bias.length, layer.weights.length)
    })
    check('z0', z0.length, field.layers.at(-1)!.bias.length)
  }
  observations.forEach(({ t, y }, i) => {
    check(`observations[${i}].y`, y.length, z0.length)
    if (t < t0) found.push(`observations[${i}].t: received ${t}; expected at least t0 = ${t0}`)
  })
  return found
}
