/**
 * The spiral of the neural-ODE paper's demo, x' = A x³, learned with `odeint` and an optimizer of TensorFlow.js: from short pieces of
 * one trajectory first, from a third of it at a time at last. Writes a picture of what has been learned.
 *
 *     npm run build && node dist/examples/tfjs-odeint.js [picture.svg]
 */
import { writeFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { closure, methods, solve } from 'contraflow'
import { loadBackend, odeint } from 'contraflow/tensor'

const [picture = 'spiral.svg'] = process.argv.slice(2)
const POINTS = 1000
const STEP = 25 / (POINTS - 1)
const { active } = await loadBackend()

/** x' = A x³ from (2, 0). */
const spiral = closure({
  dimension: 2,
  timeDependent: false,
  evaluate(_t, [x, y], slope) {
    slope[0] = -0.1 * x! ** 3 + 2 * y! ** 3
    slope[1] = -2 * x! ** 3 - 0.1 * y! ** 3
  },
})
const path = solve(spiral, { from: 0, to: 25, start: Float64Array.of(2, 0), method: methods.dopri5, rtol: 1e-9 })
const truth = Array.from({ length: POINTS }, (_, i) => Array.from(path.at(i * STEP)))

/** No biases: the field is odd, and the origin its rest. */
const { dense } = tfl.layers
const normal = (stddev: number, seed: number) => tfl.initializers.randomNormal({ stddev, seed })
const network = tfl.sequential({
  layers: [
    dense({ units: 24, inputShape: [2], activation: 'tanh', useBias: false, kernelInitializer: normal(0.05, 1) }),
    dense({ units: 2, useBias: false, kernelInitializer: normal(0.5, 2) }),
  ],
})
/** The network sees the cubes, as in the paper's demo, scaled to about one. */
const field = (_t: tf.Tensor, z: tf.Tensor) => tf.mul(8, network.apply(tf.div(tf.mul(z, tf.square(z)), 8)) as tf.Tensor)
const variables = network.trainableWeights.map(weight => weight.read() as tf.Variable)

/** The whole trajectory from its first point alone. */
function predicted(): number[][] {
  const times = truth.map((_, i) => i * STEP)
  return tf.tidy(() => {
    const rows = odeint(field, [truth[0]!], times, { variables })
    return tf.reshape(rows, [POINTS, 2]).arraySync() as number[][]
  })
}

function meanError(path: readonly number[][]): number {
  const errors = path.flatMap((z, i) => z.map((value, c) => Math.abs(value - truth[i]![c]!)))
  return errors.reduce((sum, error) => sum + error, 0) / errors.length
}

interface Stage {
  readonly pieces: number
  readonly points: number
  readonly steps: number
  readonly rate: readonly [number, number]
}

const optimizer = tf.train.adam(1)

/** All pieces are solved at once, as the rows of a batch; errors count relative to the size of the spiral there. */
function train({ pieces, points, steps, rate: [first, last] }: Stage): void {
  const starts = Array.from({ length: pieces }, (_, n) => Math.round((n * (POINTS - points)) / (pieces - 1)))
  const times = Array.from({ length: points }, (_, i) => i * STEP)
  const z0 = tf.tensor2d(starts.map(start => truth[start]!))
  const target = tf.tensor3d(times.map((_, i) => starts.map(start => truth[start + i]!)))
  const size = tf.tensor3d([starts.map(start => [Math.hypot(...truth[start]!)])])
  for (let n = 0; n < steps; n++) {
    Object.assign(optimizer, { learningRate: first * (last / first) ** (n / steps) })
    optimizer.minimize(() => {
      const z = odeint(field, z0, times, { rtol: 1e-4, atol: 1e-5, variables })
      return tf.mean(tf.square(tf.div(tf.sub(z, target), size)))
    })
  }
  tf.dispose([z0, target, size])
}

const before = predicted()
const started = performance.now()
console.log(`backend ${active}; mean absolute error of the whole trajectory before: ${meanError(before).toFixed(4)}`)
for (const stage of [
  { pieces: 50, points: 20, steps: 100, rate: [0.02, 0.001] },
  { pieces: 3, points: 334, steps: 30, rate: [0.001, 0.00005] },
] as const) {
  train(stage)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${stage.pieces} pieces of ${stage.points} points: ${meanError(predicted()).toFixed(4)} after ${seconds} s`,
  )
}
const after = predicted()
console.log(`mean absolute error: ${meanError(after).toFixed(4)}`)
writeFileSync(picture, draw())
console.log(`picture: ${picture}`)

function draw(): string {
  const points = (states: readonly number[][]) =>
    states.map(([x, y]) => `${(280 + 120 * x!).toFixed(1)},${(270 - 120 * y!).toFixed(1)}`).join(' ')
  const line = (states: readonly number[][], style: string) =>
    `<polyline points="${points(states)}" fill="none" ${style}/>`
  const label = (x: number, text: string, colour: string) => `<text x="${x}" y="24" fill="${colour}">${text}</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 540" width="560" height="540" font-family="sans-serif" font-size="14">
<rect width="560" height="540" fill="white"/>
${line(before, 'stroke="#c8c8c8" stroke-dasharray="3 3"')}
${line(truth, 'stroke="#7f7f7f" stroke-width="4" stroke-opacity="0.5"')}
${line(after, 'stroke="#d62728" stroke-width="1.5"')}
${label(20, 'the spiral', '#7f7f7f')}
${label(120, `learned, error ${meanError(after).toFixed(3)}`, '#d62728')}
${label(320, 'before training', '#a0a0a0')}
</svg>
`
}
