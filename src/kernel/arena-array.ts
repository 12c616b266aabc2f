/**
 * A Float64Array in the memory of the kernels, who work on it in place. Its memory lives as long as this very object: a `subarray` of
 * it does not keep it. Copies (`slice`, `map`) are elsewhere and have no address.
 */
export class ArenaArray extends Float64Array<ArrayBufferLike> {
  /** Where it begins, in bytes; 0: not in the memory of the kernels. */
  address = 0
  /** What the memory is released with. */
  owner: object | undefined
}
