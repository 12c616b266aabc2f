import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, it } from 'vitest'
import { decodeCheckpoint } from '../../src/learn/checkpoint/decode-checkpoint.js'
import { encodeCheckpoint } from '../../src/learn/checkpoint/encode-checkpoint.js'
import { Learner } from '../../src/learn/learner.js'
import { Section } from '../../src/section.js'
import { requireBackend } from '../../src/tensor/backend.js'
import { tensorField } from '../../src/tensor/tensor-field.js'
import { tensorOptimizer } from '../../src/tensor/tensor-optimizer.js'
import { simulated } from '../support/streams.js'

const OBSERVATIONS = Number(process.env.OBSERVATIONS ?? 100_000)
const EVALUATIONS = Number(process.env.EVALUATIONS ?? 1_000_000)
/** Learned by the restored learner and by the one that went on. */
const TAIL = 500

/** Not fused, because of its activation. */
function model(): tfl.LayersModel {
  const seed = (value: number) => tfl.initializers.glorotNormal({ seed: value })
  return tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 8, inputShape: [2], activation: 'elu', kernelInitializer: seed(1) }),
      tfl.layers.dense({ units: 2, kernelInitializer: 'zeros' }),
    ],
  })
}

/** Resident memory in MB and tensors. */
function sizes(): { tensors: number; memory: number } {
  return { tensors: tf.memory().numTensors, memory: Math.round(process.memoryUsage.rss() / 1e6) }
}

describe('a model of TensorFlow.js in the long run', () => {
  it('F55: keeps its number of tensors over a stream, and goes on from a checkpoint with the same bits', async () => {
    const backend = await requireBackend()
    const shared = model()
    const optimizer = tensorOptimizer({ name: 'adam', rate: 0.003 })
    const create = () =>
      new Learner({
        model: {
          dynamics: { kind: 'custom', name: 'soak', dimension: 2, create: () => tensorField(shared, { share: false }) },
        },
        solver: { method: 'midpoint', step: 1 },
        window: 2,
        stride: 2,
        optimizer: { kind: 'custom', name: 'adam', create: optimizer },
      })
    const stream = simulated({ system: 'spiral', count: OBSERVATIONS, seed: 5, gap: 0.1 })
    const learner = create()
    const counts = new Set<number>()
    const start = performance.now()
    stream.slice(0, -TAIL).forEach((observation, n) => {
      // Some updates are skipped, some observations are refused with an error.
      learner.observe({ ...observation, learn: n % 7 !== 3 })
      if (n % 100 === 99) expect(() => learner.observe({ ...observation, y: new Float64Array(3) })).toThrow()
      // From the end of the warm-up on, when the optimizer has been made.
      if (n > 50) counts.add(tf.memory().numTensors)
      if (n % (OBSERVATIONS / 10) === OBSERVATIONS / 10 - 1)
        console.log(`${n + 1} observations: ${JSON.stringify(sizes())}`)
    })
    console.log(
      `seed 5, ${backend}: ${((1000 * (performance.now() - start)) / OBSERVATIONS).toFixed(0)} µs an observation`,
    )
    expect([...counts]).toHaveLength(1)
    const file = encodeCheckpoint({ identity: {}, summary: {}, state: learner.save() })
    const restored = create()
    restored.restore(new Section(decodeCheckpoint(file, 'soak').state))
    // One after the other, so that each finds the variables as the other has left them.
    for (const observation of stream.slice(-TAIL)) {
      const [expected, found] = [learner.observe(observation), restored.observe(observation)]
      expect(JSON.stringify(found)).toBe(JSON.stringify(expected))
    }
    expect(counts).toContain(tf.memory().numTensors)
  })

  it('F55: leaves no tensor behind in a million evaluations', async () => {
    for (const backend of ['cpu', 'wasm'] as const) {
      await requireBackend(backend)
      const w = tf.variable(tf.tensor2d([0.1, -1, 1, 0.2], [2, 2]))
      const field = tensorField((_t, z) => tf.tanh(tf.matMul(z, w as tf.Tensor2D)), { dimension: 2 })
      const [z, dz, az, atheta] = [Float64Array.of(1, 2), new Float64Array(2), new Float64Array(2), new Float64Array(4)]
      const before = tf.memory()
      for (let n = 0; n < EVALUATIONS; n++) {
        field.evaluate(0, z, dz)
        if (n % 10 === 0) field.vjp(0, z, dz, az, atheta)
      }
      const after = tf.memory()
      console.log(`${backend}: ${EVALUATIONS} evaluations, ${EVALUATIONS / 10} vjps: ${JSON.stringify(sizes())}`)
      expect([after.numTensors, after.numDataBuffers]).toEqual([before.numTensors, before.numDataBuffers])
      w.dispose()
    }
  })
})
