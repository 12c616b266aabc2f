/** Dense matrices as arrays of rows, for references that are read more easily than they are run. */
export type Matrix = number[][]

export const diagonalMatrix = (entries: ArrayLike<number>): Matrix =>
  Array.from(entries, (entry, i) => Array.from(entries, (_, j) => (i === j ? entry : 0)))

/** A + scale · u vᵀ. */
export const addOuter = (A: Matrix, u: ArrayLike<number>, v: ArrayLike<number>, scale: number): Matrix =>
  A.map((row, i) => row.map((entry, j) => entry + scale * u[i]! * v[j]!))

export const scaleMatrix = (A: Matrix, scale: number): Matrix => A.map(row => row.map(entry => entry * scale))

export const apply = (A: Matrix, v: ArrayLike<number>): number[] =>
  A.map(row => row.reduce((sum, entry, j) => sum + entry * v[j]!, 0))

/** A⁻¹, by Gauss and Jordan with row pivots. */
export function invert(A: Matrix): Matrix {
  const n = A.length
  const work = A.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))])
  for (let c = 0; c < n; c++) {
    let pivot = c
    for (let r = c; r < n; r++) if (Math.abs(work[r]![c]!) > Math.abs(work[pivot]![c]!)) pivot = r
    ;[work[c], work[pivot]] = [work[pivot]!, work[c]!]
    const divisor = work[c]![c]!
    work[c] = work[c]!.map(entry => entry / divisor)
    for (let r = 0; r < n; r++) {
      if (r === c) continue
      const factor = work[r]![c]!
      work[r] = work[r]!.map((entry, j) => entry - factor * work[c]![j]!)
    }
  }
  return work.map(row => row.slice(n))
}

/** Does A = L Lᵀ exist? */
export function isPositiveDefinite(A: Matrix): boolean {
  const L = A.map(row => row.map(() => 0))
  for (let i = 0; i < A.length; i++)
    for (let j = 0; j <= i; j++) {
      let sum = A[i]![j]!
      for (let k = 0; k < j; k++) sum -= L[i]![k]! * L[j]![k]!
      if (i === j && !(sum > 0)) return false
      L[i]![j] = i === j ? Math.sqrt(sum) : sum / L[j]![j]!
    }
  return true
}

/** The full matrix of a lower triangle stored row by row. */
export function unpack(packed: Float64Array, n: number): Matrix {
  const at = (i: number, j: number) => packed[(i * (i + 1)) / 2 + j]!
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i >= j ? at(i, j) : at(j, i))))
}

export const product = (A: Matrix, B: Matrix): Matrix =>
  A.map(row => B[0]!.map((_, j) => row.reduce((sum, a, k) => sum + a * B[k]![j]!, 0)))

export const transpose = (A: Matrix): Matrix => A[0]!.map((_, j) => A.map(row => row[j]!))

/** e^A, by Taylor's series of A/2^k squared k times: to about 1e-15 times the norm of the result. */
export function expm(A: Matrix): Matrix {
  const size = Math.max(...A.map(row => row.reduce((sum, a) => sum + Math.abs(a), 0)))
  const halvings = Math.max(0, Math.ceil(Math.log2(size)) + 4)
  const scaled = scaleMatrix(A, 2 ** -halvings)
  const identity = diagonalMatrix(A.map(() => 1))
  let [sum, term] = [identity, identity]
  for (let k = 1; k <= 16; k++) {
    term = scaleMatrix(product(term, scaled), 1 / k)
    sum = sum.map((row, i) => row.map((x, j) => x + term[i]![j]!))
  }
  for (let k = 0; k < halvings; k++) sum = product(sum, sum)
  return sum
}
