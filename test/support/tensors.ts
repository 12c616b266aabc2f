import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'
import { TENSOR_BACKENDS } from '../../src/names.js'
import { loadBackend } from '../../src/tensor/backend.js'
import type { ReferenceFile } from './reference.js'

/** Runs a suite on every backend that loads here; one that does not is skipped with its reason. */
export async function onEveryBackend(suite: (backend: string) => void): Promise<void> {
  for (const backend of TENSOR_BACKENDS) {
    const { active, attempts } = await loadBackend(backend)
    const { reason } = attempts.find(({ name }) => name === backend)!
    if (active === null) describe.skip(`on ${backend}: ${reason}`, () => void it('is not run', () => {}))
    else
      describe(`on ${backend}`, () => {
        beforeAll(async () => {
          expect((await loadBackend(backend)).active).toBe(backend)
        })
        suite(backend)
      })
  }
}

/** Counts what a function leaves behind. */
export function tensorsLeftBy(run: () => void): number {
  const before = tf.memory().numTensors
  run()
  return tf.memory().numTensors - before
}

type Mlp = Extract<ReferenceFile['problem']['field'], { kind: 'mlp' }>

/** The network of a reference file as a model; its float32 weights are the file's, rounded. */
export function modelOf({ layers }: Mlp): tfl.LayersModel {
  const names: Record<string, string> = { identity: 'linear', silu: 'swish' }
  const model = tfl.sequential({
    layers: layers.map(({ weights, activation }) =>
      tfl.layers.dense({
        units: weights.length,
        inputShape: [weights[0]!.length],
        activation: (names[activation] ?? activation) as 'tanh',
      }),
    ),
  })
  tf.tidy(() =>
    model.setWeights(layers.flatMap(({ weights, bias }) => [tf.transpose(tf.tensor2d(weights)), tf.tensor1d(bias)])),
  )
  return model
}

/** The same network as a function of tensors, with variables of its own. */
export function functionOf({ layers, time = false }: Mlp): {
  variables: tf.Variable[]
  apply: (t: tf.Tensor, z: tf.Tensor) => tf.Tensor
} {
  const variables = layers.flatMap(({ weights, bias }) => [
    tf.variable(tf.transpose(tf.tensor2d(weights))),
    tf.variable(tf.tensor1d(bias)),
  ])
  const apply = (t: tf.Tensor, z: tf.Tensor) =>
    layers.reduce<tf.Tensor>(
      (x, { activation }, l) =>
        ACTIVATIONS[activation]!(tf.add(tf.matMul(x as tf.Tensor2D, variables[2 * l] as never), variables[2 * l + 1]!)),
      time ? tf.concat([z, t], 1) : z,
    )
  return { variables, apply }
}

const ACTIVATIONS: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  identity: x => x,
  tanh: x => tf.tanh(x),
  softplus: x => tf.softplus(x),
}

/** θ in the order of `mlp` from the order of the variables of a model, or what is laid out like it. */
export function inMlpOrder(values: ArrayLike<number>, { layers }: Mlp): number[] {
  let start = 0
  return layers.flatMap(({ weights, bias }) => {
    const [rows, columns] = [weights[0]!.length, weights.length]
    const kernel = Array.from({ length: columns * rows }, (_, n) => {
      const [out, into] = [Math.floor(n / rows), n % rows]
      return values[start + into * columns + out]!
    })
    start += rows * columns
    const biases = bias.map((_, i) => values[start + i]!)
    start += bias.length
    return [...kernel, ...biases]
  })
}
