import type { Observation } from '../../src/observation.js'
import { simulate } from '../../streams/simulate/simulate.js'

/** Van der Pol's oscillator, noisy and irregular: two channels. */
export function vanDerPol(count: number, seed = 1): Observation[] {
  return Array.from(simulate({ system: 'van-der-pol', count, seed }), line => {
    const { t, y } = JSON.parse(line) as { t: number; y: number[] }
    return { key: '', t, y: Float64Array.from(y) }
  })
}

/** So many channels, of oscillators that know nothing of each other, at the same times. */
export function manyChannels(count: number, channels: number): Observation[] {
  const systems = Array.from({ length: Math.ceil(channels / 2) }, (_, n) => vanDerPol(count, n + 1))
  return systems[0]!.map(({ key, t }, i) => {
    return { key, t, y: Float64Array.from({ length: channels }, (_, j) => systems[j >> 1]![i]!.y[j & 1]!) }
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
