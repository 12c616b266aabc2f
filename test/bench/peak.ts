import { createMemory, instantiate } from '../../src/kernel/web-assembly.js'
import { fastest } from './fastest.js'
import { PROBE_BINARY } from './generated/probe-binary.js'

/** Multiplications and additions a second that 128-bit SIMD in registers reaches here, one core. */
export interface Peak {
  readonly f64: number
  readonly f32: number
}

const ROUNDS = 20_000

/** Probes to be measured together with what is compared with them; `flops` of one run of each. */
export function peakProbes(): readonly { readonly precision: 'f64' | 'f32'; readonly flops: number; run(): void }[] {
  const exports = instantiate(PROBE_BINARY, createMemory(16, 65536))
  const { chainsF64, chainsF32 } = exports as Record<string, (rounds: number, c: number, d: number) => number>
  return [
    { precision: 'f64', flops: 48 * ROUNDS, run: () => chainsF64!(ROUNDS, 0.999, 0.001) },
    { precision: 'f32', flops: 96 * ROUNDS, run: () => chainsF32!(ROUNDS, 0.999, 0.001) },
  ]
}

/** Measures both probes. */
export function measurePeak(seconds = 1): Peak {
  const probes = peakProbes()
  const times = fastest(
    probes.map(probe => probe.run),
    seconds,
  )
  const [f64, f32] = probes.map((probe, k) => probe.flops / times[k]!)
  return { f64: f64!, f32: f32! }
}
