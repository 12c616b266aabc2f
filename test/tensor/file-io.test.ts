import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'
import { mlp, mlpLayout, mlpShape } from '../../src/field/mlp.js'
import { ACTIVATION_NAMES } from '../../src/names.js'
import { Random } from '../../src/random.js'
import { requireBackend } from '../../src/tensor/backend.js'
import { fileIo } from '../../src/tensor/file-io.js'
import { loadModel } from '../../src/tensor/load-model.js'
import { modelOfMlp } from '../../src/tensor/model-of-mlp.js'
import { NeuralOde } from '../../src/tensor/neural-ode.js'
import { tensorField } from '../../src/tensor/tensor-field.js'
import { array } from '../support/arrays.js'
import { temporaryFile } from '../support/temporary.js'

beforeAll(() => requireBackend('cpu'))

function custom(): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 4, inputShape: [2], activation: 'elu', kernelInitializer: 'ones', name: 'first' }),
      tfl.layers.layerNormalization(),
      tfl.layers.dense({ units: 2, kernelInitializer: 'ones', biasInitializer: 'ones' }),
    ],
  })
}

const predict = (model: tfl.LayersModel) =>
  tf.tidy(() => Array.from((model.predict(tf.tensor2d([0.3, -2], [1, 2])) as tf.Tensor).dataSync()))

describe('model files', () => {
  it('bring back the model that was saved, also over an older one, and leave nothing else behind', async () => {
    const path = temporaryFile('model.json')
    const model = custom()
    await model.save(fileIo(path))
    await model.save(fileIo(path))
    expect(readdirSync(dirname(path)).sort()).toEqual(['model.json', 'model.weights.bin'])
    expect(predict(await loadModel(path))).toEqual(predict(model))
  })

  it('are those of TensorFlow.js: topology, manifest, weights of four bytes', async () => {
    const path = temporaryFile('model.json')
    const model = custom()
    await model.save(fileIo(path))
    const json = JSON.parse(readFileSync(path, 'utf8'))
    expect(json).toMatchObject({ format: 'layers-model', weightsManifest: [{ paths: ['model.weights.bin'] }] })
    expect(json.modelTopology.class_name).toBe('Sequential')
    expect(readFileSync(join(dirname(path), 'model.weights.bin'))).toHaveLength(4 * model.countParams())
  })

  it('load weights in several files, as other tools write them', async () => {
    const path = temporaryFile('model.json')
    const model = custom()
    await model.save(fileIo(path))
    const all = readFileSync(join(dirname(path), 'model.weights.bin'))
    const json = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(join(dirname(path), 'a.bin'), all.subarray(0, 10))
    writeFileSync(join(dirname(path), 'b.bin'), all.subarray(10))
    json.weightsManifest[0].paths = ['a.bin', 'b.bin']
    writeFileSync(path, JSON.stringify(json))
    expect(predict(await loadModel(path))).toEqual(predict(model))
  })

  it('bring back a NeuralOde', async () => {
    const path = temporaryFile('model.json')
    const model = tfl.sequential({ layers: [new NeuralOde({ dynamics: custom(), inputShape: [2], method: 'bosh3' })] })
    await model.save(fileIo(path))
    expect(predict(await loadModel(path))).toEqual(predict(model))
  })

  it.each<[string, (path: string) => void, RegExp]>([
    ['that is not there', () => {}, /^FILE_UNREADABLE: .*model\.json: received ENOENT/],
    ['that is no JSON', path => writeFileSync(path, '{'), /^FILE_DAMAGED: .*expected the JSON of a model/],
    [
      'of something else',
      path => writeFileSync(path, '{"a":1}'),
      /^TENSOR_MODEL_INVALID: .*JSON without modelTopology/,
    ],
    [
      'of a graph model',
      path => writeFileSync(path, '{"format":"graph-model","modelTopology":{},"weightsManifest":[]}'),
      /^TENSOR_MODEL_INVALID: .*received the format graph-model; expected a LayersModel/,
    ],
    [
      'with weights elsewhere',
      path => writeFileSync(path, '{"modelTopology":{},"weightsManifest":[{"paths":["../secret"],"weights":[]}]}'),
      /^TENSOR_MODEL_INVALID: .*received weights at \.\.\/secret/,
    ],
  ])('refuse a file %s', async (_what, write, message) => {
    const path = temporaryFile('model.json')
    write(path)
    await expect(loadModel(path)).rejects.toThrow(message)
  })

  it('refuse weights that are cut off', async () => {
    const path = temporaryFile('model.json')
    await custom().save(fileIo(path))
    const weights = join(dirname(path), 'model.weights.bin')
    writeFileSync(weights, readFileSync(weights).subarray(0, 20))
    await expect(loadModel(path)).rejects.toThrow(/^FILE_DAMAGED: .*received 20 bytes of weights; expected \d+, as /)
  })

  it('refuse a layer that nobody knows', async () => {
    const path = temporaryFile('model.json')
    await custom().save(fileIo(path))
    writeFileSync(path, readFileSync(path, 'utf8').replace('"LayerNormalization"', '"Unheard"'))
    await expect(loadModel(path)).rejects.toThrow(/^TENSOR_MODEL_INVALID: .*Unheard/)
  })

  it('say where they cannot be written', async () => {
    await expect(custom().save(fileIo('/nowhere/model.json'))).rejects.toThrow(/^SINK_FAILED: \/nowhere\/model/)
  })
})

describe('a perceptron as a model', () => {
  const shapes = ACTIVATION_NAMES.flatMap(activation =>
    [true, false].flatMap(skip => [true, false].map(time => ({ activation, skip, time }))),
  )
  it.each(shapes)('with $activation, skip $skip, time $time comes back as the same field', async options => {
    const shape = mlpShape({ dimension: 2, hidden: [3], ...options })
    const random = new Random(6)
    // Numbers that float32 holds.
    const theta = array(mlpLayout(shape).length, () => Math.fround(random.normal()))
    const path = temporaryFile('model.json')
    await modelOfMlp(shape, theta).save(fileIo(path))
    const field = tensorField(await loadModel(path))
    expect(field.fused).toBe(true)
    expect(Array.from(field.parameters)).toEqual(Array.from(theta))
    const slopes = [field, mlp(shape, theta)].map(f => {
      const dz = new Float64Array(2)
      f.evaluate(0.3, Float64Array.of(1, -0.4), dz)
      return Array.from(dz)
    })
    expect(slopes[0]).toEqual(slopes[1])
  })
})
