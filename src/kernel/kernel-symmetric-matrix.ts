import type { ArenaArray } from './arena-array.js'
import type { Kernel } from './kernel.js'
import { PlainSymmetricMatrix, type Subtrahend, type Subtrahends, type SymmetricMatrix } from './symmetric-matrix.js'

/**
 * A symmetric matrix on kernels: at each pass every number is read once, for two vectors where there are two. `subtract` gives the bits of the reference, `multiply` adds in
 * another order. In plain TypeScript where there are no kernels or their memory is used up.
 */
export function createSymmetricMatrix(n: number, kernel: Kernel | undefined): SymmetricMatrix {
  const values = kernel?.arena.arrays(1, (n * (n + 1)) / 2)?.[0]
  const vectors = kernel && vectorsOf(kernel, n)
  if (!kernel || !values || !vectors) return new PlainSymmetricMatrix(n)
  return new KernelSymmetricMatrix(kernel, n, values, vectors)
}

class KernelSymmetricMatrix implements SymmetricMatrix {
  readonly values: ArenaArray
  readonly #kernel: Kernel
  readonly #n: number
  readonly #vectors: readonly ArenaArray[]

  constructor(kernel: Kernel, n: number, values: ArenaArray, vectors: readonly ArenaArray[]) {
    this.values = values
    this.#kernel = kernel
    this.#n = n
    this.#vectors = vectors
  }

  multiply(vectors: readonly Float64Array[], out: readonly Float64Array[]): void {
    const { triangle } = this.#kernel
    const [p, n] = [this.values.address, this.#n]
    const [v, outV, w, outW] = this.#vectors
    let k = 0
    for (; k + 2 <= vectors.length; k += 2) {
      copy(vectors[k]!, v!, n)
      copy(vectors[k + 1]!, w!, n)
      triangle.multiplyTwo(p, n, v!.address, outV!.address, w!.address, outW!.address)
      copy(outV!, out[k]!, n)
      copy(outW!, out[k + 1]!, n)
    }
    if (k === vectors.length) return
    copy(vectors[k]!, v!, n)
    triangle.multiply(p, n, v!.address, outV!.address)
    copy(outV!, out[k]!, n)
  }

  subtract(vectors: readonly Float64Array[], weights: Float64Array, count: number, factor: number): void {
    const { triangle } = this.#kernel
    const [p, n] = [this.values.address, this.#n]
    const [a, b] = this.#vectors
    if (count === 0 && factor !== 1) for (let at = 0; at < this.values.length; at++) this.values[at]! *= factor
    let k = 0
    for (; k + 2 <= count; k += 2) {
      copy(vectors[k]!, a!, n)
      copy(vectors[k + 1]!, b!, n)
      const last = k + 2 === count ? factor : 1
      triangle.subtractTwo(p, n, a!.address, weights[k]!, b!.address, weights[k + 1]!, last)
    }
    if (k === count) return
    copy(vectors[k]!, a!, n)
    triangle.subtractOne(p, n, a!.address, weights[k]!, factor)
  }

  subtractAnd({ vectors, weights, count, factor }: Subtrahends, { vector, weight }: Subtrahend): void {
    const { triangle } = this.#kernel
    const [p, n] = [this.values.address, this.#n]
    const [a, b, c] = this.#vectors
    const pair = count >= 2 && count % 2 === 0
    this.subtract(vectors, weights, pair ? count - 2 : count, pair ? 1 : factor)
    copy(vector, c!, n)
    if (!pair) {
      triangle.subtractOne(p, n, c!.address, weight, 1)
      return
    }
    copy(vectors[count - 2]!, a!, n)
    copy(vectors[count - 1]!, b!, n)
    const [weightA, weightB] = [weights[count - 2]!, weights[count - 1]!]
    triangle.subtractThree(p, n, a!.address, weightA, b!.address, weightB, factor, c!.address, weight)
  }
}

/** Four vectors to hand over, the same for all matrices of a size: nobody needs them between two calls. */
const shared = new Map<number, readonly ArenaArray[]>()

function vectorsOf(kernel: Kernel, n: number): readonly ArenaArray[] | undefined {
  const vectors = shared.get(n) ?? kernel.arena.arrays(4, n)
  if (vectors) shared.set(n, vectors)
  return vectors
}

function copy(from: Float64Array, to: Float64Array, length: number): void {
  for (let i = 0; i < length; i++) to[i] = from[i]!
}
