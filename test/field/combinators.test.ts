import { describe, expect, it } from 'vitest'
import { augmented } from '../../src/field/augmented.js'
import { closure } from '../../src/field/closure.js'
import { driven } from '../../src/field/driven.js'
import { Jacobian } from '../../src/field/jacobian.js'
import type { Mapping } from '../../src/field/mapping.js'
import { secondOrder } from '../../src/field/second-order.js'
import { Signal } from '../../src/field/signal.js'
import { sum } from '../../src/field/sum.js'
import { Random } from '../../src/random.js'
import { array } from '../support/arrays.js'
import { randomLinear, randomMlp } from '../support/fields.js'
import { fieldConformance } from './conformance.js'

/** y = W x + V sin-like of x, and of t: any smooth map with exact vjp. */
function mapping(seed: number, inputs: number, outputs: number): Mapping {
  const random = new Random(seed)
  const parameters = array(outputs * inputs, () => random.normal() / 2)
  return {
    inputs,
    outputs,
    parameters,
    timeDependent: true,
    evaluate(t, x, y) {
      for (let i = 0; i < outputs; i++) {
        y[i] = t
        for (let j = 0; j < inputs; j++) y[i]! += parameters[i * inputs + j]! * x[j]! * (1 + x[j]! / 4)
      }
    },
    vjp(_t, x, a, ax, atheta) {
      for (let i = 0; i < outputs; i++)
        for (let j = 0; j < inputs; j++) {
          ax[j]! += a[i]! * parameters[i * inputs + j]! * (1 + x[j]! / 2)
          atheta[i * inputs + j]! += a[i]! * x[j]! * (1 + x[j]! / 4)
        }
      return a.reduce((total, ai) => total + ai, 0)
    },
  }
}

function cubicSignal(): Signal {
  const signal = new Signal({ channels: 2, between: 'cubic' })
  for (let k = -20; k < 20; k++) signal.push(k / 3, Float64Array.of(Math.sin(k), Math.cos(k / 2)))
  return signal
}

/** Physics whose vjp is left to differences. */
const pendulum = (seed: number) => {
  const parameters = Float64Array.of(1 + seed / 10, 0.2)
  return closure({
    dimension: 2,
    parameters,
    timeDependent: false,
    evaluate: (_t, [x, v], dz) => dz.set([v!, -parameters[0]! * x! * (1 - (x! * x!) / 6) - parameters[1]! * v!]),
  })
}

fieldConformance('closure without a vjp', pendulum, { vjpAccuracy: 1e-8 })
fieldConformance('sum', seed => sum(randomLinear(seed), randomMlp(seed, { time: true }), randomMlp(seed + 7)))
fieldConformance('augmented', seed => augmented(randomMlp(seed, { time: true }), 2))
fieldConformance(
  'sum of augmented physics and a residual',
  seed => sum(augmented(pendulum(seed), 2), randomMlp(seed, { dimension: 4 })),
  { vjpAccuracy: 1e-8 },
)
fieldConformance('second order', seed => secondOrder(mapping(seed, 4, 2)))
fieldConformance('driven', seed => driven(mapping(seed, 4, 2), cubicSignal()))

describe('sum', () => {
  it('hands its parameters on when a sweep is prepared, and leaves its parts as they were until then', () => {
    const [one, other] = [randomLinear(1), randomLinear(2)]
    const both = sum(one, other)
    expect(Array.from(both.parameters)).toEqual([...one.parameters, ...other.parameters])
    both.parameters[9] = 42
    expect(other.parameters[0]).not.toBe(42)
    both.prepare!()
    expect(other.parameters[0]).toBe(42)
  })

  it('refuses fields that do not fit', () => {
    expect(() => sum(randomLinear(1), randomLinear(1, 2))).toThrow(/dimension 3 and 2/)
    expect(() => sum()).toThrow(/no fields/)
  })
})

it('augmented: the extra dimensions stand still and have no influence', () => {
  const inner = randomMlp(1)
  const field = augmented(inner, 2)
  const [slope, expected] = [new Float64Array(5), new Float64Array(3)]
  field.evaluate(0, Float64Array.of(1, 2, 3, 99, -99), slope)
  inner.evaluate(0, Float64Array.of(1, 2, 3), expected)
  expect(Array.from(slope)).toEqual([...expected, 0, 0])
})

it('second order: the velocity is the derivative of the position', () => {
  const field = secondOrder(mapping(1, 4, 2))
  const slope = new Float64Array(4)
  field.evaluate(0, Float64Array.of(1, 2, 0.25, -0.5), slope)
  expect(Array.from(slope.subarray(0, 2))).toEqual([0.25, -0.5])
  expect(() => secondOrder(mapping(1, 3, 2))).toThrow(/3 inputs and 2 outputs/)
})

it('driven: refuses a mapping that has no room for the signals', () => {
  expect(() => driven(mapping(1, 3, 2), cubicSignal())).toThrow(/4 inputs/)
})

it('a Jacobian is the field’s own, or made of vjps', () => {
  const field = randomLinear(4)
  const made = new Jacobian(field)
  made.evaluate(0, new Float64Array(3))
  expect(Array.from(made.matrix)).toEqual(Array.from(field.parameters))
  const own = new Jacobian({ ...field, jacobian: (_t, _z, matrix) => void matrix.fill(7) })
  own.evaluate(0, new Float64Array(3))
  expect(Array.from(own.matrix)).toEqual(Array(9).fill(7))
  expect([made.vjps, own.vjps]).toEqual([3, 0])
})
