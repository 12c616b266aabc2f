import type { Covariance } from './covariance.js'
import { PackedCovariance } from './packed-covariance.js'

/**
 * P without what links one block of parameters to another: Σ n_b² numbers instead of n². A sensitivity reaches across all blocks, so
 * that they share an innovation, and each block takes of it what its own uncertainty explains.
 * @see Puskorius & Feldkamp 1994, doi:10.1109/72.279191 (decoupled extended Kalman filter).
 */
export class BlockCovariance implements Covariance {
  readonly forgetting: number
  /** `covariance.b` and `cursor.b` of each block b. */
  readonly state: Readonly<Record<string, Float64Array>>
  readonly #blocks: readonly Block[]

  /** @param spread Prior standard deviations [n]. @param blocks Indices, each in exactly one. @param forgetting λ, in (0, 1]. */
  constructor(spread: Float64Array, blocks: readonly Int32Array[], forgetting: number) {
    this.forgetting = forgetting
    this.#blocks = blocks.map(indices => new Block(spread, indices, forgetting))
    this.state = Object.fromEntries(
      this.#blocks.flatMap(({ covariance }, b) =>
        Object.entries(covariance.state).map(([name, values]) => [`${name}.${b}`, values]),
      ),
    )
  }

  reset(): void {
    for (const { covariance } of this.#blocks) covariance.reset()
  }

  multiply(vectors: readonly Float64Array[], out: readonly Float64Array[]): void {
    for (const block of this.#blocks) block.multiply(vectors, out)
  }

  update(vectors: readonly Float64Array[], weights: Float64Array, count: number): void {
    for (const block of this.#blocks) block.covariance.update(block.partOf(vectors, count), weights, count)
  }

  undo(vectors: readonly Float64Array[], weights: Float64Array, count: number): void {
    for (const block of this.#blocks) block.covariance.undo(block.partOf(vectors, count), weights, count)
  }
}

/** Some of the parameters, and what is known of them. */
class Block {
  readonly covariance: PackedCovariance
  readonly #indices: Int32Array
  readonly #parts: Float64Array[] = []
  readonly #products: Float64Array[] = []

  constructor(spread: Float64Array, indices: Int32Array, forgetting: number) {
    this.covariance = new PackedCovariance(
      Float64Array.from(indices, i => spread[i]!),
      forgetting,
    )
    this.#indices = indices
  }

  /** What of the first `count` vectors belongs to the block; valid until the next call. */
  partOf(vectors: readonly Float64Array[], count: number): readonly Float64Array[] {
    const indices = this.#indices
    for (let k = 0; k < count; k++) {
      const part = (this.#parts[k] ??= new Float64Array(indices.length))
      for (let i = 0; i < indices.length; i++) part[i] = vectors[k]![indices[i]!]!
    }
    return this.#parts
  }

  multiply(vectors: readonly Float64Array[], out: readonly Float64Array[]): void {
    const parts = this.partOf(vectors, vectors.length).slice(0, vectors.length)
    for (let k = this.#products.length; k < parts.length; k++) this.#products.push(new Float64Array(parts[k]!.length))
    this.covariance.multiply(parts, this.#products)
    for (let k = 0; k < vectors.length; k++)
      for (let i = 0; i < this.#indices.length; i++) out[k]![this.#indices[i]!] = this.#products[k]![i]!
  }
}
