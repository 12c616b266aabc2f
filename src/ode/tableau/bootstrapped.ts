import { Lu } from '../schemes/lu.js'
import type { DenseDefinition } from './dense-output.js'

/** A slope that is known: that of stage `stage`, at θ inside the step. */
interface Node {
  readonly theta: number
  readonly stage: number
}

/**
 * Dense output of any order up to that of the method, made by bootstrapping. It begins with the cubic through the states and slopes at both
 * ends; each further level reads f at new places of the polynomial before it, and interpolates the slopes there and at the ends: one
 * place more, one order more. Its own stages are one for the slope at the end and one for each place.
 * @param b The weights of the method, whose first stage has c = 0 and whose last is not that of the next step.
 * @param levels Where each level reads f, θ in (0, 1); the n-th has n places, which must not be symmetric about ½ with ½ among them.
 * @see Enright, Jackson, Nørsett & Thomsen 1986, doi:10.1145/7921.7923.
 */
export function bootstrapped(b: readonly number[], levels: readonly (readonly number[])[]): DenseDefinition {
  const ends: readonly Node[] = [
    { theta: 0, stage: 0 },
    { theta: 1, stage: b.length },
  ]
  const extra: { c: number[]; a: (readonly number[])[] } = { c: [1], a: [b] }
  let rows = interpolant(b, ends)
  for (const places of levels) {
    const weights = places.map(theta => rows.map(row => row.reduceRight((sum, x) => (sum + x) * theta, 0)))
    const first = b.length + extra.c.length
    extra.c.push(...places)
    extra.a.push(...weights)
    rows = interpolant(b, [...ends, ...places.map((theta, i) => ({ theta, stage: first + i }))])
  }
  return { order: 3 + levels.length, extra, b: rows }
}

/** b_s(θ) of the polynomial p with p(0) = 0, p(1) = Σ b_s k_s and p'(θ) = k at every node; a row a stage. */
function interpolant(b: readonly number[], nodes: readonly Node[]): number[][] {
  const degree = nodes.length + 1
  const powers = Array.from({ length: degree }, (_, k) => k + 1)
  const conditions = [powers.map(() => 1), ...nodes.map(({ theta }) => powers.map(k => k * theta ** (k - 1)))]
  const solve = solver(conditions)
  const [toEnd, ...toSlopes] = conditions.map((_, j) => solve(j))
  const stages = Math.max(b.length, ...nodes.map(({ stage }) => stage + 1))
  const rows = Array.from({ length: stages }, (_, s) => toEnd!.map(x => x * (b[s] ?? 0)))
  nodes.forEach(({ stage }, j) => {
    toSlopes[j]!.forEach((x, k) => {
      rows[stage]![k]! += x
    })
  })
  return rows
}

/** Solves A x = e_j. */
function solver(matrix: readonly (readonly number[])[]): (j: number) => number[] {
  const n = matrix.length
  const lu = new Lu(n)
  // Factors come of I − M.
  const shifted = matrix.flatMap((row, i) => row.map((x, j) => (i === j ? 1 : 0) - x))
  if (!lu.factorShifted(Float64Array.from(shifted), 1))
    throw new Error('The places of a level do not determine a polynomial.')
  return j => {
    const x = new Float64Array(n)
    x[j] = 1
    lu.solve(x)
    return Array.from(x)
  }
}
