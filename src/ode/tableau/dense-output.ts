/** The coefficients of a continuous extension, as they stand in a paper: z(t + θh) = z + h Σ_s b_s(θ) k_s. */
export interface DenseDefinition {
  /** Order of the conditions it fulfils: the error inside a step is O(h^(order + 1)). */
  readonly order: number
  /** Stages evaluated for it alone, behind those of the step: their c and rows of a. */
  readonly extra?: { readonly c: readonly number[]; readonly a: readonly (readonly number[])[] }
  /** Row s: the coefficients of θ, θ², … of b_s(θ); a row that is missing is zero. */
  readonly b: readonly (readonly number[])[]
}

/** How a step is read between its ends. */
export interface DenseOutput {
  readonly order: number
  /** Stages of the step and extra ones together. */
  readonly stages: number
  readonly degree: number
  /** Of every stage, those of the step first; a row-major [stages × stages]. */
  readonly c: Float64Array
  readonly a: Float64Array
  /** Row-major [stages × degree]: b_s(θ) = Σ_k coefficients[s, k] θ^(k+1). */
  readonly coefficients: Float64Array
}

/** Pads a definition to full rows. @param a, c Of the step's own stages. */
export function defineDense(
  { order, extra = { c: [], a: [] }, b }: DenseDefinition,
  a: readonly (readonly number[])[],
  c: readonly number[],
): DenseOutput {
  const stages = c.length + extra.c.length
  const degree = Math.max(...b.map(row => row.length))
  const rows = [...a, ...extra.a].map(row => Array.from({ length: stages }, (_, j) => row[j] ?? 0))
  return Object.freeze({
    order,
    stages,
    degree,
    c: Float64Array.from([...c, ...extra.c]),
    a: Float64Array.from(rows.flat()),
    coefficients: Float64Array.from(
      Array.from({ length: stages }, (_, s) => Array.from({ length: degree }, (_, k) => b[s]?.[k] ?? 0)).flat(),
    ),
  })
}

/**
 * The cubic Hermite polynomial through the states and slopes at both ends, written with the stages: b_s (3θ² − 2θ³), plus
 * θ − 2θ² + θ³ for the slope at the start and θ³ − θ² for the one at the end. A slope that no stage has gets one more stage.
 */
export function hermite(
  order: number,
  b: readonly number[],
  has: { readonly slopeAtStart: boolean; readonly slopeAtEnd: boolean },
): DenseDefinition {
  const rows = b.map(weight => [0, 3 * weight, -2 * weight])
  const extra: { c: number[]; a: (readonly number[])[] } = { c: [], a: [] }
  const slopeRow = (known: number[] | undefined, c: number, a: readonly number[]): number[] => {
    if (known) return known
    extra.c.push(c)
    extra.a.push(a)
    const row = [0, 0, 0]
    rows.push(row)
    return row
  }
  const add = (row: number[], coefficients: readonly number[]) => {
    coefficients.forEach((coefficient, k) => {
      row[k]! += coefficient
    })
  }
  const last = rows.length - 1
  add(slopeRow(has.slopeAtStart ? rows[0] : undefined, 0, []), [1, -2, 1])
  add(slopeRow(has.slopeAtEnd ? rows[last] : undefined, 1, b), [0, -1, 1])
  // The state at the end of a method of lower order is no better than that.
  return { order: Math.min(3, order), b: rows, extra }
}

/** b_s(θ) of every stage. */
export function denseWeights({ stages, degree, coefficients }: DenseOutput, theta: number): number[] {
  return Array.from({ length: stages }, (_, s) => {
    let weight = 0
    for (let k = degree - 1; k >= 0; k--) weight = (weight + coefficients[s * degree + k]!) * theta
    return weight
  })
}
