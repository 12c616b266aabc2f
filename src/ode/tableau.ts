import { ContraflowError } from '../errors.js'
import { orderResidual } from './rooted-trees.js'

/** The coefficients of a Runge–Kutta method, as they stand in a paper. */
export interface TableauDefinition {
  readonly name: string
  readonly order: number
  readonly c: readonly number[]
  /** Row s holds a_s0 … ; a row may stop after its last coefficient that is not zero. */
  readonly a: readonly (readonly number[])[]
  readonly b: readonly number[]
  /** b minus the embedded weights; without it the method takes fixed steps only. */
  readonly bError?: readonly number[]
  /** Order of the embedded weights; default order − 1. */
  readonly embeddedOrder?: number
}

/** A Runge–Kutta method as data: rows padded to full length, properties derived, conditions checked. */
export interface Tableau {
  readonly name: string
  readonly order: number
  readonly stages: number
  /** Order that decides how the step size follows the error estimate: min(order, embedded order) + 1. */
  readonly controlOrder: number
  readonly adaptive: boolean
  /** The last stage is evaluated at the step's end, so it is the next step's first. */
  readonly firstSameAsLast: boolean
  /** Has a coefficient on or above the diagonal. */
  readonly implicit: boolean
  readonly c: Float64Array
  /** Row-major [stages × stages]. */
  readonly a: Float64Array
  readonly b: Float64Array
  readonly bError: Float64Array
}

/** Residual of an order condition that rounding of published digits can leave. */
const TOLERANCE = 1e-13

/**
 * Makes a method of its coefficients and proves them: row sums equal c, every order condition up to `order` (and of the
 * embedded weights up to theirs) holds to 1e-13, and one of the next order does not, so that no method is mislabelled.
 * @throws ContraflowError TABLEAU_WRONG.
 * @see Hairer, Nørsett, Wanner, "Solving Ordinary Differential Equations I", 2nd ed. 1993, II.2.
 */
export function defineTableau(definition: TableauDefinition): Tableau {
  const { name, order, c, b, bError } = definition
  const stages = c.length
  const a = c.map((_, s) => c.map((_, j) => definition.a[s]?.[j] ?? 0))
  prove(definition, a)
  const last = stages - 1
  const firstSameAsLast = stages > 1 && c[last] === 1 && b.every((coefficient, j) => coefficient === a[last]![j])
  return Object.freeze({
    name,
    order,
    stages,
    controlOrder: Math.min(order, definition.embeddedOrder ?? order - 1) + 1,
    adaptive: bError !== undefined,
    firstSameAsLast,
    implicit: a.some((row, s) => row.some((coefficient, j) => j >= s && coefficient !== 0)),
    c: Float64Array.from(c),
    a: Float64Array.from(a.flat()),
    b: Float64Array.from(b),
    bError: Float64Array.from(bError ?? []),
  })
}

function prove({ name, order, c, b, bError, embeddedOrder = order - 1 }: TableauDefinition, a: number[][]): void {
  const require = (holds: boolean, received: string) => {
    if (!holds) throw new ContraflowError('TABLEAU_WRONG', { received, place: `method ${name}` })
  }
  a.forEach((row, s) => {
    const sum = row.reduce((total, coefficient) => total + coefficient, 0)
    require(Math.abs(sum - c[s]!) <= TOLERANCE, `row ${s} with sum ${sum} beside c = ${c[s]}`)
  })
  const proveWeights = (weights: readonly number[], declared: number, what: string) => {
    for (let p = 1; p <= declared; p++) {
      const residual = orderResidual(p, a, weights)
      require(residual <= TOLERANCE, `${what} that miss a condition of order ${p} by ${residual}`)
    }
    require(orderResidual(declared + 1, a, weights) > 1e-4, `${what} of a higher order than the declared ${declared}`)
  }
  proveWeights(b, order, 'weights')
  if (bError)
    proveWeights(
      b.map((weight, i) => weight - bError[i]!),
      embeddedOrder,
      'embedded weights',
    )
}
