import type { ArenaArray } from './arena-array.js'
import type { Kernel } from './kernel.js'

/** The numbers of one update. `scale`: rate over the first correction; `correction`: one over the second. */
export interface MomentUpdate {
  readonly beta1: number
  readonly beta2: number
  readonly scale: number
  readonly correction: number
  readonly epsilon: number
}

/** The two moments of Adam in the memory of the kernels. */
export interface Moments {
  readonly first: Float64Array
  readonly second: Float64Array
  /** Changes moments and parameters; all as long as they were made. The bits are those of plain TypeScript. */
  update(parameters: Float64Array, gradient: Float64Array, numbers: MomentUpdate): void
}

/** Vectors of this length that are zero. Undefined where there is no room. */
export function createMoments(kernel: Kernel, length: number): Moments | undefined {
  const arrays = kernel.arena.arrays(2, length)
  const handed = handedOver(kernel, length)
  if (!arrays || !handed) return undefined
  const [first, second] = arrays as [ArenaArray, ArenaArray]
  const [theta, slope] = handed as [ArenaArray, ArenaArray]
  const vectors = (length + 1) >> 1
  return {
    first,
    second,
    update(parameters, gradient, { beta1, beta2, scale, correction, epsilon }) {
      theta.set(parameters)
      slope.set(gradient)
      const [p, g, m, v] = [theta.address, slope.address, first.address, second.address]
      kernel.adam(p, g, m, v, vectors, beta1, beta2, scale, correction, epsilon)
      parameters.set(theta)
    },
  }
}

const known = new Map<number, ArenaArray[]>()

/** Places for parameters and gradient, shared by all of a length: nothing stays in them. */
function handedOver(kernel: Kernel, length: number): ArenaArray[] | undefined {
  const found = known.get(length) ?? kernel.arena.arrays(2, length)
  if (found) known.set(length, found)
  return found
}
