import { Arena } from './arena.js'
import { KERNEL_BINARY } from './generated/kernel-binary.js'
import { instantiate } from './web-assembly.js'

/** Functions of `assembly/network.ts` for one precision. Addresses and sizes are bytes. */
export interface NetworkKernels {
  pack(network: number, theta: number): void
  evaluate(network: number, t: number, z: number, dz: number, kept: number): void
  pull(network: number, t: number, z: number, a: number, az: number, kept: number): number
  collect(network: number, atheta: number): void
  activate(kind: number, x: number, sums: number, vectors: number): void
  /** `attemptStep` of `assembly/step.ts`. */
  attempt(network: number, tableau: number, record: number, first: number, out: number): void
  /** `pullStep` and `pullSteps` of `assembly/step.ts`. */
  pullStep(network: number, tableau: number, record: number, last: number, lambda: number, kappa: number): void
  pullSteps(network: number, tableau: number, record: number, count: number, lambda: number, kappa: number): void
  readonly advance: Advance
}

/** `advance` of `assembly/stepper.ts`. */
type Advance = (
  network: number,
  tableau: number,
  stepper: number,
  record: number,
  to: number,
  z: number,
  end: number,
  past: number,
  most: number,
) => number

/** Functions of `assembly/triangle.ts`. */
export interface TriangleKernels {
  multiply(p: number, n: number, v: number, out: number): void
  multiplyTwo(p: number, n: number, v: number, outV: number, w: number, outW: number): void
  subtractOne(p: number, n: number, a: number, weight: number, factor: number): void
  subtractTwo(p: number, n: number, a: number, weightA: number, b: number, weightB: number, factor: number): void
  readonly subtractThree: SubtractThree
}

/** `subtractThree` of `assembly/triangle.ts`. */
type SubtractThree = (
  p: number,
  n: number,
  a: number,
  weightA: number,
  b: number,
  weightB: number,
  factor: number,
  c: number,
  weightC: number,
) => void

/** `adamUpdate` of `assembly/adam.ts`. */
type AdamUpdate = (
  parameters: number,
  gradient: number,
  first: number,
  second: number,
  vectors: number,
  beta1: number,
  beta2: number,
  scale: number,
  correction: number,
  epsilon: number,
) => void

/** The compiled kernels and their memory. */
export interface Kernel {
  readonly arena: Arena
  readonly triangle: TriangleKernels
  readonly adam: AdamUpdate
  readonly f64: NetworkKernels
  readonly f32: NetworkKernels
}

let loaded: Kernel | 'unavailable' | undefined

/**
 * The kernels, loaded at the first call (about two milliseconds). Undefined where the environment variable CONTRAFLOW_KERNEL is
 * `off`, and where the host has no WebAssembly with SIMD and shared memory, which is said once, on standard error.
 */
export function kernel(): Kernel | undefined {
  if (environment().CONTRAFLOW_KERNEL === 'off') return undefined
  loaded ??= load()
  return loaded === 'unavailable' ? undefined : loaded
}

function environment(): Readonly<Record<string, string | undefined>> {
  return (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {}
}

function load(): Kernel | 'unavailable' {
  try {
    const arena = new Arena()
    const exports = instantiate(KERNEL_BINARY, arena.memory)
    return {
      arena,
      triangle: trianglesOf(exports),
      adam: exports.adamUpdate as never,
      f64: kernelsOf(exports, 'F64'),
      f32: kernelsOf(exports, 'F32'),
    }
  } catch (error) {
    console.warn(`contraflow: plain TypeScript instead of SIMD kernels, about ten times slower (${error}).`)
    return 'unavailable'
  }
}

function trianglesOf(exports: Readonly<Record<string, unknown>>): TriangleKernels {
  const { multiplyTriangle, multiplyTriangleTwo, subtractOne, subtractTwo, subtractThree } = exports as Record<
    string,
    never
  >
  return {
    multiply: multiplyTriangle!,
    multiplyTwo: multiplyTriangleTwo!,
    subtractOne: subtractOne!,
    subtractTwo: subtractTwo!,
    subtractThree: subtractThree!,
  }
}

function kernelsOf(exports: Readonly<Record<string, unknown>>, precision: string): NetworkKernels {
  const named = (name: string) => exports[name + precision] as never
  return {
    pack: named('pack'),
    evaluate: named('evaluate'),
    pull: named('pull'),
    collect: named('collect'),
    activate: named('activate'),
    attempt: named('attempt'),
    pullStep: named('pullStep'),
    pullSteps: named('pullSteps'),
    advance: named('advance'),
  }
}
