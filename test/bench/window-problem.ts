import type { DenseLayer } from '../../src/field/mlp.js'
import { Random } from '../../src/random.js'

/** A window to learn from, in a form that every library can read. */
export interface WindowProblem {
  readonly layers: readonly { readonly weights: readonly (readonly number[])[]; readonly bias: readonly number[] }[]
  /** The network sees z³ (the spiral of the paper). */
  readonly cubed: boolean
  readonly times: readonly number[]
  readonly start: readonly number[]
  readonly values: readonly (readonly number[])[]
  readonly method: 'dopri5' | 'tsit5'
  readonly rtol: number
  readonly atol: number
}

/** Sixteen observations at irregular times in [0, 1], a network 4-64-64-4, dopri5 at 1e-6: the window of issue reports and papers. */
export function sixteenObservations(): WindowProblem {
  const random = new Random(11)
  const widths = [4, 64, 64, 4]
  const vector = (n: number, scale: number) => Array.from({ length: n }, () => scale * random.normal())
  const times = vector(16, 1).map(value => Math.abs(value) + 0.05)
  const total = times.reduce((sum, gap) => sum + gap, 0)
  let t = 0
  return {
    layers: widths.slice(1).map((outputs, l) => ({
      weights: Array.from({ length: outputs }, () => vector(widths[l]!, 1 / Math.sqrt(widths[l]!))),
      bias: vector(outputs, 0.1),
    })),
    cubed: false,
    times: times.map(gap => (t += gap / total)),
    start: vector(4, 1),
    values: times.map(() => vector(4, 1)),
    method: 'dopri5',
    rtol: 1e-6,
    atol: 1e-6,
  }
}

/**
 * SciML's spiral: u' = Aᵀu³ from (2, 0), 30 points on [0, 1.5], a network of 50 hidden units on u³ (252 parameters), tsit5.
 * Their best is 1.657 ms a gradient in float32 (SciMLSensitivity's benchmark page; PEERS.md A2). Tolerances are their defaults.
 */
export function spiral(): WindowProblem {
  const random = new Random(7)
  const times = Array.from({ length: 30 }, (_, i) => (1.5 * (i + 1)) / 30)
  const normal = (scale: number) => scale * random.normal()
  return {
    layers: [
      {
        weights: Array.from({ length: 50 }, () => [normal(0.3), normal(0.3)]),
        bias: Array.from({ length: 50 }, () => 0),
      },
      { weights: [0, 1].map(() => Array.from({ length: 50 }, () => normal(0.15))), bias: [0, 0] },
    ],
    cubed: true,
    times,
    start: [2, 0],
    values: times.map(t => [2 * Math.cos(3 * t) * Math.exp(-0.2 * t), -2 * Math.sin(3 * t) * Math.exp(-0.2 * t)]),
    method: 'tsit5',
    rtol: 1e-3,
    atol: 1e-6,
  }
}

/** The shape of the network and its parameters in the order of `mlpLayout`. */
export function networkOf({ layers }: WindowProblem): { layers: DenseLayer[]; parameters: Float64Array } {
  const shapes = layers.map(({ weights, bias }, l): DenseLayer => {
    const activation = l + 1 < layers.length ? 'tanh' : 'identity'
    return { inputs: weights[0]!.length, outputs: bias.length, activation }
  })
  return {
    layers: shapes,
    parameters: Float64Array.from(layers.flatMap(({ weights, bias }) => [...weights.flat(), ...bias])),
  }
}
