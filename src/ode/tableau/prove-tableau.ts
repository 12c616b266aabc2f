import { ContraflowError } from '../../errors.js'
import { type DenseOutput, denseWeights } from './dense-output.js'
import { OrderConditions } from './rooted-trees.js'
import type { TableauDefinition } from './tableau-definition.js'

/** Residual of an order condition that rounding of published digits can leave. */
const TOLERANCE = 1e-13
/** The coefficients of dense output are larger (dop853 has some of 1000), and so is what rounding leaves of their sums. */
const DENSE_TOLERANCE = 1e-11
/** The largest residual of the next order is larger than this, or the method is better than it says. */
const NEXT_ORDER = 1e-5

/** @throws ContraflowError TABLEAU_WRONG, with the condition that does not hold. */
export function prove(definition: TableauDefinition, a: readonly (readonly number[])[], dense: DenseOutput): void {
  const { name, order, c, b, bError, embeddedOrder = order - 1, bErrorLow } = definition
  const check = (holds: boolean, received: string) => {
    if (!holds) throw new ContraflowError('TABLEAU_WRONG', { received, place: `method ${name}` })
  }
  a.forEach((row, s) => {
    const sum = row.reduce((total, coefficient) => total + coefficient, 0)
    check(Math.abs(sum - c[s]!) <= TOLERANCE, `row ${s} with sum ${sum} beside c = ${c[s]}`)
    check(
      row.every((coefficient, j) => j <= s || coefficient === 0),
      `row ${s} with a coefficient behind the diagonal`,
    )
  })
  const conditions = new OrderConditions(a)
  const proveWeights = (weights: readonly number[], declared: number, what: string) => {
    for (let p = 1; p <= declared; p++) {
      const residual = conditions.residual(p, weights)
      check(residual <= TOLERANCE, `${what} that miss a condition of order ${p} by ${residual}`)
    }
    check(
      conditions.residual(declared + 1, weights) > NEXT_ORDER,
      `${what} of a higher order than the declared ${declared}`,
    )
  }
  const embedded = (error: readonly number[]) => b.map((weight, i) => weight - error[i]!)
  proveWeights(b, order, 'weights')
  if (bError) proveWeights(embedded(bError), embeddedOrder, 'embedded weights')
  if (bErrorLow) check(conditions.residual(1, embedded(bErrorLow)) <= TOLERANCE, 'second embedded weights of no order')
  proveDense(dense, b, check)
}

/** Σ b_s(θ) Φ_s(τ) = θ^|τ| / γ(τ) for every tree up to the order, at several θ; and b(1) = b. */
function proveDense(dense: DenseOutput, b: readonly number[], check: (holds: boolean, received: string) => void): void {
  const { stages } = dense
  const rows = Array.from({ length: stages }, (_, s) => Array.from(dense.a.subarray(s * stages, (s + 1) * stages)))
  const conditions = new OrderConditions(rows)
  for (const theta of [0.2, 0.5, 0.9]) {
    const weights = denseWeights(dense, theta)
    for (let p = 1; p <= dense.order; p++) {
      const residual = conditions.residual(p, weights, theta ** p)
      check(residual <= DENSE_TOLERANCE, `dense output that misses a condition of order ${p} by ${residual}`)
    }
  }
  const atEnd = denseWeights(dense, 1)
  const gap = Math.max(...atEnd.map((weight, s) => Math.abs(weight - (b[s] ?? 0))))
  check(gap <= DENSE_TOLERANCE, `dense output that misses the end of the step by ${gap}`)
}
