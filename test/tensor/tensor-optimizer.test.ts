import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { TENSOR_OPTIMIZER_NAMES } from '../../src/names.js'
import { Random } from '../../src/random.js'
import { requireBackend } from '../../src/tensor/backend.js'
import { tensorOptimizer } from '../../src/tensor/tensor-optimizer.js'
import { optimizerConformance } from '../learn/rules/optimizer-conformance.js'
import { array, relativeError } from '../support/arrays.js'
import { onEveryBackend, tensorsLeftBy } from '../support/tensors.js'

await requireBackend('cpu')
// rmsprop goes round its end at a distance of about its rate.
for (const name of TENSOR_OPTIMIZER_NAMES)
  optimizerConformance(`tfjs ${name}`, length =>
    tensorOptimizer({ name, rate: name === 'rmsprop' ? 0.02 : 0.05 })(length),
  )

await onEveryBackend(() => {
  const own = {
    sgd: () => tf.train.sgd(0.01),
    momentum: () => tf.train.momentum(0.01, 0.9),
    adagrad: () => tf.train.adagrad(0.01),
    adadelta: () => tf.train.adadelta(0.01),
    adam: () => tf.train.adam(0.01),
    adamax: () => tf.train.adamax(0.01),
    rmsprop: () => tf.train.rmsprop(0.01),
  }
  it.each(TENSOR_OPTIMIZER_NAMES)('%s takes the steps that TensorFlow.js takes', name => {
    const random = new Random(8)
    const parameters = array(6, () => random.normal())
    const update = tensorOptimizer({ name, rate: 0.01 })(6)
    const variable = tf.variable(tf.tensor1d(Float32Array.from(parameters)))
    const reference = own[name]()
    for (let n = 0; n < 25; n++) {
      const gradient = array(6, () => random.normal())
      tf.tidy(() =>
        reference.applyGradients([{ name: variable.name, tensor: tf.tensor1d(Float32Array.from(gradient)) }]),
      )
      update.update(parameters, gradient)
    }
    // The reference rounds the parameter itself to float32 25 times.
    expect(relativeError(parameters, variable.dataSync())).toBeLessThan(2e-6)
    tf.dispose(variable)
  })
})

describe('optimizers of one kind', () => {
  beforeAll(() => requireBackend('cpu'))

  it('share their tensors, however many there are, and not their state', () => {
    const create = tensorOptimizer({ name: 'adam' })
    const gradient = () => Float64Array.of(1, -2, 0.5)
    const [one, other] = [create(3), create(3)]
    const [first, second] = [new Float64Array(3), new Float64Array(3)]
    const left = tensorsLeftBy(() => {
      for (let n = 0; n < 50; n++) {
        one.update(first, gradient())
        if (n % 2 === 0) other.update(second, gradient())
        create(3)
      }
    })
    expect(left).toBe(0)
    const alone = new Float64Array(3)
    const reference = tensorOptimizer({ name: 'adam' })(3)
    for (let n = 0; n < 25; n++) reference.update(alone, gradient())
    expect(Array.from(second)).toEqual(Array.from(alone))
    expect(first[0]).toBeCloseTo(2 * second[0]!, 3)
  })

  it('do nothing where there is nothing to learn', () => {
    const nothing = tensorOptimizer({ name: 'adam' })(0)
    expect(nothing.state).toEqual({})
    expect(() => nothing.update(new Float64Array(0), new Float64Array(0))).not.toThrow()
  })

  it('may be your own', () => {
    const parameters = Float64Array.of(1)
    tensorOptimizer({ create: () => tf.train.sgd(0.5) })(1).update(parameters, Float64Array.of(1))
    expect(parameters[0]).toBe(0.5)
  })
})
