import { type DenseOutput, defineDense, hermite } from './dense-output.js'
import { prove } from './prove-tableau.js'
import { stabilityInterval } from './stability.js'
import type { TableauDefinition } from './tableau-definition.js'

/** A Runge–Kutta method as data: rows padded to full length, properties derived, conditions checked. */
export interface Tableau {
  /** As in `methods`. */
  readonly name: string
  /** p: the error of a step is O(h^(p + 1)). */
  readonly order: number
  /** S, evaluations of f a step, less one where the last is the first of the next. */
  readonly stages: number
  /** Order that decides how the step size follows the error estimate: min(order, embedded order) + 1. */
  readonly controlOrder: number
  /** Order of the embedded weights b − bError. */
  readonly embeddedOrder: number
  /** Has it an error estimate? */
  readonly adaptive: boolean
  /** The last stage is evaluated at the step's end, so it is the next step's first. */
  readonly firstSameAsLast: boolean
  /** Has a coefficient on the diagonal: a stage is the solution of an equation. */
  readonly implicit: boolean
  /** hλ on the negative real axis up to which the method is stable; Infinity when it always is. */
  readonly stability: number
  /** The last two stages stand at the step's end: their difference shows the stiffness of the field. */
  readonly showsStiffness: boolean
  /** Stages that reach the result: the last of a first-same-as-last method does not. */
  readonly active: readonly boolean[]
  /** Times of the stages in units of the step [S]. */
  readonly c: Float64Array
  /** Row-major [stages × stages]. */
  readonly a: Float64Array
  /** Weights [S]. */
  readonly b: Float64Array
  /** Weights less the embedded ones [S]: h Σ bError_s k_s estimates the error. Empty for fixed steps only. */
  readonly bError: Float64Array
  /** Empty without a second estimate. */
  readonly bErrorLow: Float64Array
  /** How a step is read between its ends. */
  readonly dense: DenseOutput
}

/**
 * Makes a method of its coefficients and proves them: row sums equal c, every order condition up to `order` (and of the
 * embedded weights up to theirs) holds to 1e-13, those of the dense output up to its own order to 1e-11, and one of the next order
 * does not, so that no method is mislabelled.
 * @throws ContraflowError TABLEAU_WRONG; also for stages that depend on later ones.
 * @see Hairer, Nørsett, Wanner, "Solving Ordinary Differential Equations I", 2nd ed. 1993, II.2.
 */
export function defineTableau(definition: TableauDefinition): Tableau {
  const { name, order, c, b, bError, bErrorLow, embeddedOrder = order - 1 } = definition
  const stages = c.length
  const a = c.map((_, s) => c.map((_, j) => definition.a[s]?.[j] ?? 0))
  const last = stages - 1
  const firstSameAsLast = stages > 1 && c[last] === 1 && b.every((coefficient, j) => coefficient === a[last]![j])
  const dense = defineDense(
    definition.dense ?? hermite(order, b, { slopeAtStart: a[0]![0] === 0, slopeAtEnd: firstSameAsLast }),
    a,
    c,
  )
  prove(definition, a, dense)
  return Object.freeze({
    name,
    order,
    stages,
    controlOrder: definition.controlOrder ?? Math.min(order, embeddedOrder) + 1,
    embeddedOrder,
    adaptive: bError !== undefined,
    firstSameAsLast,
    implicit: a.some((row, s) => row[s] !== 0),
    stability: stabilityInterval(a, b),
    showsStiffness: firstSameAsLast && c[last - 1] === 1 && a[last]![last] === 0,
    active: activeStages(a, b),
    c: Float64Array.from(c),
    a: Float64Array.from(a.flat()),
    b: Float64Array.from(b),
    bError: Float64Array.from(bError ?? []),
    bErrorLow: Float64Array.from(bErrorLow ?? []),
    dense,
  })
}

function activeStages(a: readonly (readonly number[])[], b: readonly number[]): readonly boolean[] {
  const active = b.map(weight => weight !== 0)
  for (let s = b.length - 1; s >= 0; s--) active[s] ||= a.some((row, j) => j > s && active[j]! && row[s] !== 0)
  return Object.freeze(active)
}
