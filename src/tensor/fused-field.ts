import type { Variable } from '@tensorflow/tfjs-core'
import { mlp, mlpLayout } from '../field/mlp.js'
import type { VectorField } from '../field/vector-field.js'
import { passedOn } from '../field/whole-steps.js'
import type { LinkedField } from './contract.js'
import type { FusedPlan } from './fuse.js'
import { type Slot, VariableLink } from './variable-link.js'

/**
 * A model of dense layers in the kernel of `mlp`, float64. θ has the layout of `mlp`; what the model does not learn (a layer that
 * is not trainable, a bias it does not have) has no gradient and keeps its value.
 * @param learned Trainable weights of the model. @param shared Are θ and variables kept the same?
 */
export function fusedField(plan: FusedPlan, learned: readonly Variable[], shared = true): LinkedField {
  const layout = mlpLayout(plan.shape)
  const slots = slotsOfPlan(plan, layout)
  const theta = new Float64Array(layout.length)
  const link = new VariableLink(slots, theta)
  const field = mlp(plan.shape, theta)
  const fixed = fixedRanges(slots, learned, layout.length)
  const vjp = withFixed(field, fixed)
  const evaluate: VectorField['evaluate'] = (t, state, slope, kept) => field.evaluate(t, state, slope, kept)
  const d = field.dimension
  const [z, a, out] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)]
  return {
    dimension: d,
    parameters: theta,
    timeDependent: plan.shape.time,
    keeps: field.keeps ?? 0,
    variables: slots.map(({ variable }) => variable),
    fused: true,
    explanation: plan.explanation,
    prepare() {
      if (shared) link.synchronise()
      field.prepare?.()
    },
    toVariables: vector => link.toVariables(vector),
    evaluate,
    vjp,
    ...(fixed.length === 0 && passedOn(field, { evaluate, vjp })),
    ...(field.jacobian && { jacobian: field.jacobian.bind(field) }),
    evaluateBatch(times, states, slopes) {
      for (let i = 0; i < times.length; i++) {
        z.set(states.subarray(i * d, (i + 1) * d))
        field.evaluate(times[i]!, z, out)
        slopes.set(out, i * d)
      }
    },
    vjpBatch({ times, states, adjoints }, az, atheta, at) {
      for (let i = 0; i < times.length; i++) {
        z.set(states.subarray(i * d, (i + 1) * d))
        a.set(adjoints.subarray(i * d, (i + 1) * d))
        out.fill(0)
        at[i]! += vjp(times[i]!, z, a, out, atheta)
        for (let j = 0; j < d; j++) az[i * d + j]! += out[j]!
      }
    },
  }
}

function slotsOfPlan({ layers, skip }: FusedPlan, layout: ReturnType<typeof mlpLayout>): Slot[] {
  const matrix = (variable: Variable, offset: number): Slot => {
    const [rows, columns] = variable.shape as [number, number]
    return { variable, offset, rows, columns, transposed: true }
  }
  const slots = layers.flatMap(({ kernel, bias, outputs }, l): Slot[] => {
    const weights = matrix(kernel, layout.weights[l]!)
    if (bias === undefined) return [weights]
    return [weights, { variable: bias, offset: layout.biases[l]!, rows: 1, columns: outputs, transposed: false }]
  })
  return skip ? [...slots, matrix(skip.kernel, layout.skip)] : slots
}

/** Stretches of θ that are not learned. */
function fixedRanges(slots: readonly Slot[], learned: readonly Variable[], length: number): [number, number][] {
  const free = slots
    .filter(({ variable }) => learned.includes(variable))
    .map(({ offset, rows, columns }) => [offset, offset + rows * columns] as const)
    .sort(([a], [b]) => a - b)
  const ranges: [number, number][] = []
  let end = 0
  for (const [from, to] of [...free, [length, length] as const]) {
    if (from > end) ranges.push([end, from])
    end = to
  }
  return ranges
}

/** The vjp of a field whose gradient by these parameters is zero. */
function withFixed(field: VectorField, ranges: readonly (readonly [number, number])[]): VectorField['vjp'] {
  if (ranges.length === 0) return field.vjp.bind(field)
  const stretches = ranges.map(([from, to]) => ({ from, to, before: new Float64Array(to - from) }))
  return (t, z, a, az, atheta, kept) => {
    for (const { from, to, before } of stretches) before.set(atheta.subarray(from, to))
    const at = field.vjp(t, z, a, az, atheta, kept)
    for (const { from, before } of stretches) atheta.set(before, from)
    return at
  }
}
