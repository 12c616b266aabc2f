import type { Observation } from '../../src/observation.js'
import { simulate } from '../../streams/simulate/simulate.js'

/** Van der Pol's oscillator, noisy and irregular: two channels. */
export function vanDerPol(count: number, seed = 1): Observation[] {
  return Array.from(simulate({ system: 'van-der-pol', count, seed }), line => {
    const { t, y } = JSON.parse(line) as { t: number; y: number[] }
    return { key: '', t, y: Float64Array.from(y) }
  })
}

/** What the pipelines of the benchmark are set to; the first is the default. */
export const KALMAN = { window: 16, optimizer: { kind: 'kalman' } } as const
export const ADAM = {
  model: { augment: 0, dynamics: { kind: 'mlp', hidden: [32, 32], skip: false }, update: 'gain' },
  solver: { method: 'tsit5', rtol: 1e-4 },
  window: 32,
  optimizer: { kind: 'adam' },
} as const
