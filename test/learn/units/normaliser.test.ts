import { describe, expect, it } from 'vitest'
import { Normaliser } from '../../../src/learn/units/normaliser.js'
import type { Observation } from '../../../src/observation.js'

const options = { leastSpread: 0.4 }
const unitsOf = (times: number[], ...channels: number[][]) =>
  Normaliser.fit(
    times.map((t, i): Observation => ({ key: '', t, y: Float64Array.from(channels, channel => channel[i]!) })),
    options,
  )

describe('the units of the channels', () => {
  it('are mean and standard deviation of the warm-up', () => {
    const { mean, scale } = unitsOf([0, 1, 2, 3], [-1, 1, -1, 1], [10, 30, 10, 30])
    expect(Array.from(mean)).toEqual([0, 20])
    expect(Array.from(scale)).toEqual([1, 10])
  })

  it('leave out what is missing', () => {
    const { mean, scale } = unitsOf([0, 1, 2, 3], [-1, Number.NaN, Number.NaN, 1])
    expect([mean[0], scale[0]]).toEqual([0, 1])
  })

  it('of a channel never measured are 0 and 1', () => {
    const { mean, scale } = unitsOf([0, 1], [Number.NaN, Number.NaN], [1, 2])
    expect([mean[0], scale[0]]).toEqual([0, 1])
  })

  it('of a constant channel are a share of its value, and one for zero', () => {
    const { mean, scale } = unitsOf([0, 1, 2], [20, 20, 20], [-5, -5, -5], [0, 0, 0])
    expect(Array.from(mean)).toEqual([20, -5, 0])
    expect(Array.from(scale)).toEqual([8, 2, 1])
  })

  it('are finite and positive for values of any size', () => {
    for (const values of [
      [1, 2, 1e300],
      [-1e300, 0, 1e300],
      [1e-300, 2e-300, 3e-300],
      [5e-324, 0, 0],
      [1, 2, Number.MAX_VALUE],
    ]) {
      const { mean, scale } = unitsOf([0, 1, 2], values)
      expect(Number.isFinite(mean[0])).toBe(true)
      expect(scale[0]).toBeGreaterThan(0)
      expect(scale[0]).toBeLessThan(Infinity)
    }
  })

  it('are applied and taken off again, missing values stay missing', () => {
    const normaliser = unitsOf([0, 1, 2, 3], [1, 3, 1, 3], [10, 30, 10, 30])
    const out = new Float64Array(2)
    const y = Float64Array.of(4, Number.NaN)
    normaliser.normalise(y, out)
    expect(Array.from(out)).toEqual([2, Number.NaN])
    expect(Array.from(y)).toEqual([4, Number.NaN])
    expect(normaliser.restore(2, 0)).toBe(4)
    expect(normaliser.restore(-1, 1)).toBe(10)
  })
})

it('a value far outside a tiny unit stays finite', () => {
  const out = new Float64Array(2)
  unitsOf([0, 1, 2], [0, 0, 5e-324], [0, 0, 5e-324]).normalise(Float64Array.of(1, -1), out)
  expect(out[0]).toBeLessThan(Infinity)
  expect(out[1]).toBeGreaterThan(-Infinity)
})

describe('the unit of time', () => {
  const unitOf = (...times: number[]) =>
    unitsOf(
      times,
      times.map(() => 0),
    ).timeScale

  it('is the mean gap', () => {
    expect(unitOf(100, 101, 104, 106)).toBe(2)
  })

  it('is not decided by one outage', () => {
    const times = Array.from({ length: 40 }, (_, i) => (i < 20 ? i : i + 1e6))
    // 38 gaps of one, and one that counts as ten.
    expect(unitOf(...times)).toBeCloseTo(48 / 39, 12)
  })

  it('leaves out observations at one time', () => {
    expect(unitOf(0, 0, 2, 2, 4)).toBe(2)
  })

  it('is one second where all observations share a time, or there is only one', () => {
    expect(unitOf(5, 5, 5)).toBe(1)
    expect(unitOf(5)).toBe(1)
  })
})

describe('where zero lies', () => {
  const wave = Array.from({ length: 40 }, (_, i) => Math.sin(i / 3))
  const times = wave.map((_, i) => i)
  const unitAt = (offset: number, size = 1) =>
    unitsOf(
      times,
      wave.map(value => offset + size * value),
    ).scale[0]!

  it('makes a unit twelve times as wide at most, however far away it is', () => {
    const unit = unitAt(0)
    expect(unitAt(1)).toBeCloseTo(unit, 12)
    for (const offset of [101, 1013, 1e6, -1e9]) expect(unitAt(offset) / unit).toBeCloseTo(12, 4)
    expect(unitAt(50, 1e-5) / (1e-5 * unit)).toBeCloseTo(12, 4)
  })

  it('does not make a unit of rounding errors, or one smaller than half a step of the digits', () => {
    const [rounded, step] = unitsOf(
      times,
      wave.map((_, i) => 437 + (i % 2) * 1e-13),
      wave.map((_, i) => (i === 7 ? 21.1 : 21)),
    ).scale
    expect(rounded).toBeCloseTo(0.4 * 437, 6)
    expect(step).toBeGreaterThan(0.05 - 1e-12)
  })
})
