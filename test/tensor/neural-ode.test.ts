import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/random.js'
import { NeuralOde } from '../../src/tensor/neural-ode.js'
import { odeint } from '../../src/tensor/odeint.js'
import { onEveryBackend, tensorsLeftBy } from '../support/tensors.js'

function dynamics(activation: 'tanh' | 'elu'): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [tfl.layers.dense({ units: 8, inputShape: [2], activation }), tfl.layers.dense({ units: 2 })],
  })
  const random = new Random(9)
  const draw = (shape: number[], size: number) =>
    tf.tensor(
      Float32Array.from({ length: size }, () => 0.5 * random.normal()),
      shape,
    )
  tf.tidy(() => model.setWeights(model.getWeights().map(({ shape, size }) => draw(shape, size))))
  return model
}

/** Features → a solution → a readout. */
function pipeline(activation: 'tanh' | 'elu', returns: 'last' | 'path' = 'last'): tfl.Sequential {
  const model = tfl.sequential({
    layers: [
      new NeuralOde({ dynamics: dynamics(activation), times: [0, 0.5, 1], returns, inputShape: [2], name: 'flow' }),
    ],
  })
  return model
}

await onEveryBackend(() => {
  describe('the layer', () => {
    it.each(['tanh', 'elu'] as const)('gives what odeint gives, with %s', activation => {
      tf.tidy(() => {
        const z0 = tf.tensor2d([1, 0, 0.5, -2, 0, 0.1], [3, 2])
        const [last, path] = [pipeline(activation), pipeline(activation, 'path')]
        const expected = tf.transpose(odeint(dynamics(activation), z0, [0, 0.5, 1]), [1, 0, 2])
        expect(path.outputs[0]!.shape).toEqual([null, 3, 2])
        expect(Array.from((path.predict(z0) as tf.Tensor).dataSync())).toEqual(Array.from(expected.dataSync()))
        const end = tf.slice(expected, [0, 2, 0], [3, 1, 2])
        expect(last.outputs[0]!.shape).toEqual([null, 2])
        expect(Array.from((last.predict(z0) as tf.Tensor).dataSync())).toEqual(Array.from(end.dataSync()))
      })
    })

    it('is trained by fit, and leaves no tensor behind', async () => {
      const model = pipeline('tanh')
      model.compile({ optimizer: tf.train.adam(0.03), loss: 'meanSquaredError' })
      const random = new Random(1)
      const inputs = tf.tensor2d(
        Float32Array.from({ length: 64 }, () => random.normal()),
        [32, 2],
      )
      // The flow of z' = (−z₂, z₁) through one radian.
      const turn = tf.tensor2d([Math.cos(1), Math.sin(1), -Math.sin(1), Math.cos(1)], [2, 2])
      const targets = tf.matMul(inputs, turn)
      const loss = () => tf.tidy(() => (model.evaluate(inputs, targets) as tf.Scalar).dataSync()[0]!)
      const before = loss()
      await model.fit(inputs, targets, { epochs: 1, batchSize: 32, shuffle: false })
      const tensors = tf.memory().numTensors
      await model.fit(inputs, targets, { epochs: 60, batchSize: 32, shuffle: false })
      expect(tf.memory().numTensors).toBe(tensors)
      expect(loss()).toBeLessThan(before / 20)
    })

    it('is saved and loaded with its model', async () => {
      const model = pipeline('elu')
      let artifacts: tf.io.ModelArtifacts | undefined
      await model.save(
        tf.io.withSaveHandler(async saved => {
          artifacts = JSON.parse(JSON.stringify({ ...saved, weightData: undefined })) as tf.io.ModelArtifacts
          artifacts.weightData = saved.weightData!
          return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) }
        }),
      )
      const loaded = await tfl.loadLayersModel(tf.io.fromMemory(artifacts!))
      const layer = loaded.layers[0] as NeuralOde
      expect(layer).toBeInstanceOf(NeuralOde)
      expect({ times: layer.times, returns: layer.returns, name: layer.name }).toEqual({
        times: [0, 0.5, 1],
        returns: 'last',
        name: 'flow',
      })
      tf.tidy(() => {
        const z0 = tf.tensor2d([1, 0, 0.5, -2], [2, 2])
        const [one, other] = [model, loaded].map(m => Array.from((m.predict(z0) as tf.Tensor).dataSync()))
        expect(one).toEqual(other)
      })
    })

    it('learns nothing when it is not trainable', () => {
      const layer = new NeuralOde({ dynamics: dynamics('tanh'), inputShape: [2], trainable: false })
      const model = tfl.sequential({ layers: [layer] })
      expect(model.trainableWeights).toHaveLength(0)
      expect(model.weights).toHaveLength(4)
    })

    it('refuses an input of another width by its name', () => {
      const layer = new NeuralOde({ dynamics: dynamics('tanh'), inputShape: [3], name: 'flow' })
      expect(() => tfl.sequential({ layers: [layer] })).toThrow(
        /DIMENSION_MISMATCH: received input \[null, 3\] of layer "flow"; expected \[null, 2\]/,
      )
    })

    it('evaluates without leaving tensors behind', () => {
      const model = pipeline('elu')
      const z0 = tf.tensor2d([1, 0], [1, 2])
      model.predict(z0)
      const left = tensorsLeftBy(() => {
        for (let n = 0; n < 20; n++) (model.predict(z0) as tf.Tensor).dispose()
      })
      expect(left).toBe(0)
    })
  })
})
