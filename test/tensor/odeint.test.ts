import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, it } from 'vitest'
import { mlp, mlpShape } from '../../src/field/mlp.js'
import { ADJOINT_NAMES, METHOD_NAMES, type MethodName } from '../../src/names.js'
import { methodOf } from '../../src/ode/method.js'
import { methods } from '../../src/ode/methods/index.js'
import { solve } from '../../src/ode/solution/trajectory.js'
import { Random } from '../../src/random.js'
import { odeint } from '../../src/tensor/odeint.js'
import { tensorField } from '../../src/tensor/tensor-field.js'
import { relativeError } from '../support/arrays.js'
import { differences } from '../support/finite-differences.js'
import { onEveryBackend, tensorsLeftBy } from '../support/tensors.js'

/** 2 (+ t) → 6 → 2, tanh. */
function network({ time = true, seed = 4 } = {}): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 6, inputShape: [time ? 3 : 2], activation: 'tanh' }),
      tfl.layers.dense({ units: 2 }),
    ],
  })
  const random = new Random(seed)
  tf.tidy(() => model.setWeights(model.getWeights().map(({ shape, size }) => normal(random, size, shape))))
  return model
}

function normal(random: Random, size: number, shape: number[]): tf.Tensor {
  return tf.tensor(
    Float32Array.from({ length: size }, () => 0.7 * random.normal()),
    shape,
  )
}

/** The same network as a function of tensors. */
function asFunction(model: tfl.LayersModel): (t: tf.Tensor, z: tf.Tensor) => tf.Tensor {
  const [w1, b1, w2, b2] = model.trainableWeights.map(weight => weight.read() as tf.Tensor2D)
  return (t, z) => {
    const rows = tf.reshape(z, [-1, 2])
    const x = tf.concat([rows, tf.mul(tf.ones([rows.shape[0]!, 1]), t)], 1)
    const hidden = tf.tanh(tf.add(tf.matMul(x as tf.Tensor2D, w1!), b1!))
    return tf.reshape(tf.add(tf.matMul(hidden as tf.Tensor2D, w2!), b2!), z.shape)
  }
}

const times = [0.2, 0.5, 1.1, 1.7]
const start = [0.5, -0.3, -0.2, 0.8]
/** ∂L/∂z(t_i) of L = Σ c·z, for two rows at four times. */
const weights = Array.from({ length: 16 }, (_, i) => Math.sin(i + 1))

/** L by the float64 engine, as a function of start, times and θ of the fused field. */
function referenceLoss(model: tfl.LayersModel) {
  const { parameters } = tensorField(model)
  const [z0, at, theta] = [Float64Array.from(start), Float64Array.from(times), parameters.slice()]
  const shape = mlpShape({ dimension: 2, hidden: [6], activation: 'tanh', time: true })
  const options = { method: methods.dopri8, rtol: 1e-12, atol: 1e-13 }
  const loss = () =>
    [0, 1].reduce((sum, row) => {
      const from = z0.slice(2 * row, 2 * row + 2)
      const path = solve(mlp(shape, theta), { from: at[0]!, to: at[3]!, start: from, ...options })
      const own = Array.from(at, (t, i) => {
        const z = i === 0 ? from : solve(mlp(shape, theta), { from: at[0]!, to: t, start: from, ...options }).end
        return z[0]! * weights[4 * i + 2 * row]! + z[1]! * weights[4 * i + 2 * row + 1]!
      })
      expect(path.outcome.kind).toBe('reached')
      return sum + own.reduce((all, value) => all + value, 0)
    }, 0)
  return { loss, z0, at, theta }
}

function lossOf(z: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(z, tf.tensor(weights, z.shape)))
}

/** Gradients by z0, times and the variables in their order. */
function gradients(f: Parameters<typeof odeint>[0], variables: tf.Tensor[], options: Parameters<typeof odeint>[3]) {
  return tf.tidy(() => {
    const inputs = [tf.tensor2d(start, [2, 2]), tf.tensor1d(times), ...variables]
    const { value, grads } = tf
      .engine()
      .gradients(() => lossOf(odeint(f, inputs[0]!, inputs[1] as tf.Tensor1D, options)), inputs)
    return { loss: value.dataSync()[0]!, grads: grads.map(gradient => Array.from(gradient.dataSync())) }
  })
}

/** [W₁ᵀ | b₁ | W₂ᵀ | b₂] of a field from [W₁ | b₁ | W₂ | b₂] of the variables. */
function asParameters([w1, b1, w2, b2]: number[][]): number[] {
  const transposed = (w: number[], rows: number, columns: number) =>
    Array.from({ length: rows * columns }, (_, n) => w[(n % rows) * columns + Math.floor(n / rows)]!)
  return [...transposed(w1!, 3, 6), ...b1!, ...transposed(w2!, 6, 2), ...b2!]
}

const weightsOf = (model: tfl.LayersModel) => model.trainableWeights.map(weight => weight.read())

await onEveryBackend(() => {
  const model = network()
  const reference = referenceLoss(model)
  const expected = {
    loss: reference.loss(),
    z0: differences(reference.loss, reference.z0),
    times: differences(reference.loss, reference.at),
    theta: differences(reference.loss, reference.theta),
  }
  const check = (found: ReturnType<typeof gradients>, accuracy: number) => {
    const [z0, at, ...theta] = found.grads
    expect(relativeError([found.loss], [expected.loss])).toBeLessThan(accuracy)
    expect(relativeError(z0!, expected.z0)).toBeLessThan(accuracy)
    expect(relativeError(at!, expected.times)).toBeLessThan(accuracy)
    expect(relativeError(asParameters(theta), expected.theta)).toBeLessThan(accuracy)
  }

  describe('the gradient by start, times and variables is that of finite differences in float64', () => {
    it.each(METHOD_NAMES)('for a fused model, by %s', method => {
      const coarse = !('adaptive' in methodOf(method)) || (methodOf(method) as { adaptive: boolean }).adaptive
      const options = coarse ? { rtol: 1e-8, atol: 1e-10 } : { step: order(method) > 2 ? 0.01 : 0.002 }
      // Euler with this step is good to a thousandth, the others are not limited by theirs but by float32 results.
      check(gradients(model, weightsOf(model), { method, ...options }), method === 'euler' ? 5e-3 : 2e-5)
    })

    it.each(ADJOINT_NAMES)('by the %s adjoint', adjoint => {
      check(gradients(model, weightsOf(model), { adjoint, rtol: 1e-8, atol: 1e-10 }), 2e-5)
    })

    it.each<MethodName>(['tsit5', 'dopri5', 'rk4', 'kvaerno5'])('for a function, in float32, by %s', method => {
      const options = method === 'rk4' ? { step: 0.1 } : { rtol: 1e-5, atol: 1e-6 }
      check(gradients(asFunction(model), weightsOf(model), { method, ...options }), 2e-4)
    })

    it.each(ADJOINT_NAMES)('for a function, by the %s adjoint', adjoint => {
      check(gradients(asFunction(model), weightsOf(model), { adjoint, rtol: 1e-5, atol: 1e-6 }), 3e-4)
    })

    it('landing on every time', () => {
      check(gradients(model, weightsOf(model), { meet: 'land', rtol: 1e-8, atol: 1e-10 }), 2e-5)
    })
  })

  it('solves backward in time: there and back again is the identity, and so are its gradients', () => {
    const [there, back] = [
      [0, 0.4, 1],
      [1, 0.3, 0],
    ]
    const roundTrip = (z: tf.Tensor) => {
      const end = tf.gather(odeint(model, z, there!), 2)
      return tf.gather(odeint(model, end, back!), 2)
    }
    tf.tidy(() => {
      const z = tf.tensor2d(start, [2, 2])
      const dy = tf.tensor2d([1, -2, 0.5, 3], [2, 2])
      // Two solves at 1e-5.
      expect(relativeError(roundTrip(z).dataSync(), start)).toBeLessThan(1e-4)
      // Without gather's gradient, which the wasm backend lacks.
      const jacobian = tf.grad(x =>
        tf.sum(
          tf.mul(
            tf.slice(
              odeint(model, tf.reshape(tf.slice(odeint(model, x, there!), [2, 0, 0], [1, 2, 2]), [2, 2]), back!),
              [2, 0, 0],
              [1, 2, 2],
            ),
            dy,
          ),
        ),
      )
      expect(relativeError(jacobian(z).dataSync(), dy.dataSync())).toBeLessThan(1e-4)
    })
  })

  it('has the gradient by times also backward in time', () => {
    const back = [1.5, 0.9, 0.1]
    const weight = [0, 0, 0, 0, 1, 2]
    const shape = mlpShape({ dimension: 2, hidden: [6], activation: 'tanh', time: true })
    const at = Float64Array.from(back)
    const end = () => {
      const options = { method: methods.dopri8, rtol: 1e-12, atol: 1e-13 }
      const field = mlp(shape, reference.theta)
      const { end: z } = solve(field, { from: at[0]!, to: at[2]!, start: Float64Array.of(0.5, -0.3), ...options })
      return z[0]! + 2 * z[1]!
    }
    const found = tf.tidy(() =>
      tf
        .grad(t => tf.sum(tf.mul(odeint(model, [0.5, -0.3], t as tf.Tensor1D), tf.tensor2d(weight, [3, 2]))))(
          tf.tensor1d(back),
        )
        .dataSync(),
    )
    expect(relativeError(found, differences(end, at))).toBeLessThan(2e-4)
  })

  it('keeps the shape of the state, whatever it is', () => {
    tf.tidy(() => {
      const z0 = tf.ones([2, 3, 4])
      const z = odeint((_t, x) => tf.neg(x), z0, [0, 1])
      expect(z.shape).toEqual([2, 2, 3, 4])
      expect(z.dataSync()[47]).toBeCloseTo(Math.exp(-1), 5)
      expect(Array.from(tf.slice(z, 0, 1).dataSync())).toEqual(Array(24).fill(1))
    })
  })

  it('F55: can be trained with an optimizer of TensorFlow.js, among other operations, and leaves no tensor behind', () => {
    const decay = tf.variable(tf.scalar(0.2))
    const scale = tf.variable(tf.scalar(1))
    const target = tf.tensor1d([3, 3 * Math.exp(-1.5)])
    const optimizer = tf.train.adam(0.1)
    const loss = () => {
      const z = odeint((_t, x) => tf.neg(tf.mul(decay, x)), tf.reshape(scale, [1]), [0, 1])
      return tf.mean(tf.square(tf.sub(tf.reshape(z, [2]), target))) as tf.Scalar
    }
    optimizer.minimize(loss)
    const left = tensorsLeftBy(() => {
      for (let n = 0; n < 150; n++) optimizer.minimize(loss)
    })
    expect(left).toBe(0)
    expect(decay.dataSync()[0]).toBeCloseTo(1.5, 2)
    expect(scale.dataSync()[0]).toBeCloseTo(3, 2)
    optimizer.dispose()
  })

  it('leaves nothing but its result where it is called outside of a tidy', () => {
    expect(tensorsLeftBy(() => odeint((_t, z) => tf.neg(z), [1], [0, 1]).dispose())).toBe(0)
  })

  it('finds the variables that f uses, and no others', () => {
    tf.tidy(() => {
      const [used, unused] = [tf.variable(tf.scalar(2)), tf.variable(tf.scalar(3))]
      const { grads } = tf.variableGrads(
        () => tf.sum(odeint((_t, x) => tf.mul(used, x), [1], [0, 1])) as tf.Scalar,
        [used, unused],
      )
      // d/dk of 1 + e^k is e^k.
      expect(grads[used.name]!.dataSync()[0]! / Math.exp(2)).toBeCloseTo(1, 4)
      expect(grads[unused.name]).toBeUndefined()
    })
  })

  it.each<[string, () => unknown, RegExp]>([
    [
      'times that turn round',
      () => odeint((_t, z) => z, [1], [0, 1, 0.5]),
      /TIME_NOT_MONOTONE: received t=0.5 after t=1/,
    ],
    ['no times', () => odeint((_t, z) => z, [1], []), /TIME_NOT_MONOTONE: received no times/],
    ['a solution that blows up', () => odeint((_t, z) => tf.square(z), [1], [0, 2]), /SOLVE_FAILED: received/],
    [
      'a state of another width',
      () => odeint(model, tf.ones([2, 5]), [0, 1]),
      /DIMENSION_MISMATCH: received z0 \[2,5\]/,
    ],
    [
      'another shape',
      () => odeint((_t, z) => tf.sum(z), [1, 2], [0, 1]),
      /received a tensor \[\]; expected a tensor \[2\]/,
    ],
  ])('refuses %s', (_what, run, message) => {
    expect(() => tf.tidy(() => void run())).toThrow(message)
  })
})

function order(method: MethodName): number {
  return (methodOf(method) as { order: number }).order
}
