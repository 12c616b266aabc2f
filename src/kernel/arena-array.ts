/**
 * A Float64Array in the memory of the kernels, who work on it in place. Its memory lives as long as this very object: a `subarray` of
 * it does not keep it. Copies (`slice`, `map`) are elsewhere and have no address.
 */
export class ArenaArray extends Float64Array<ArrayBufferLike> {
  #address = 0
  #owner: object | undefined

  /** A view of memory that is released with its owner. */
  static at(buffer: ArrayBufferLike, address: number, length: number, owner: object): ArenaArray {
    const array = new ArenaArray(buffer, address, length)
    array.#address = address
    array.#owner = owner
    return array
  }

  /** Where it begins, in bytes; 0: not in the memory of the kernels. */
  get address(): number {
    return this.#address
  }

  /** What the memory is released with. */
  get owner(): object | undefined {
    return this.#owner
  }
}
