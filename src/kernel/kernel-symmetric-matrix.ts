import type { ArenaArray } from './arena-array.js'
import type { Kernel } from './kernel.js'
import { PlainSymmetricMatrix, type SymmetricMatrix } from './symmetric-matrix.js'

/**
 * A symmetric matrix on kernels: at each pass every number is read once. `subtract` gives the bits of the reference, `multiply` adds in
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

  multiply(v: Float64Array, out: Float64Array): void {
    const [from, to] = this.#vectors
    copy(v, from!, this.#n)
    this.#kernel.triangle.multiply(this.values.address, this.#n, from!.address, to!.address)
    copy(to!, out, this.#n)
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
}

/** Two vectors to hand over, the same for all matrices of a size: nobody needs them between two calls. */
const shared = new Map<number, readonly ArenaArray[]>()

function vectorsOf(kernel: Kernel, n: number): readonly ArenaArray[] | undefined {
  const vectors = shared.get(n) ?? kernel.arena.arrays(2, n)
  if (vectors) shared.set(n, vectors)
  return vectors
}

function copy(from: Float64Array, to: Float64Array, length: number): void {
  for (let i = 0; i < length; i++) to[i] = from[i]!
}
