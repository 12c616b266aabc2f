import type { Arena } from './arena.js'

/** An explicit Runge–Kutta method as numbers: a row-major [stages × stages], b and c [stages]. */
export interface StepCoefficients {
  readonly stages: number
  readonly a: Float64Array
  readonly b: Float64Array
  readonly c: Float64Array
  /** Stages that reach the result. */
  readonly active: readonly boolean[]
}

/** A method in the memory of the kernels, with room for the adjoints of its stages. */
export interface StepTableau {
  readonly address: number
  /** Stages that reach the result, the first not counted: the last of a first-same-as-last method does not. */
  readonly pulled: number
}

const WORDS = 7
const known = new WeakMap<StepCoefficients, Map<number, StepTableau>>()

/** One for all fields of a dimension, made when it is asked for. Undefined when there is no room, or for more than 31 stages. */
export function stepTableau(arena: Arena, method: StepCoefficients, dimension: number): StepTableau | undefined {
  let sizes = known.get(method)
  if (!sizes) known.set(method, (sizes = new Map()))
  const found = sizes.get(dimension)
  if (found) return found
  const made = method.stages > 31 ? undefined : create(arena, method, dimension)
  if (made) sizes.set(dimension, made)
  return made
}

function create(arena: Arena, method: StepCoefficients, dimension: number): StepTableau | undefined {
  const { stages, a, b, c } = method
  const stride = Math.ceil((dimension * 8) / 16) * 16
  const [aAt, bAt] = [64, 64 + stages * stages * 8]
  const cAt = bAt + stages * 8
  const adjoints = Math.ceil((cAt + stages * 8) / 64) * 64
  const made = { address: 0, pulled: 0 }
  made.address = arena.allocate(adjoints + stages * stride, made)
  if (made.address === 0) return undefined
  const { address } = made
  const active = method.active.reduce((bits, reaches, s) => (reaches ? bits | (1 << s) : bits), 0)
  const words = new Uint32Array(arena.memory.buffer, address, WORDS)
  words.set([stages, active, address + aAt, address + bAt, address + cAt, address + adjoints, stride])
  arena.float64(address + aAt, a.length).set(a)
  arena.float64(address + bAt, stages).set(b.subarray(0, stages))
  arena.float64(address + cAt, stages).set(c.subarray(0, stages))
  for (let s = 1; s < stages; s++) made.pulled += (active >> s) & 1
  return made
}
