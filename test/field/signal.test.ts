import { describe, expect, it } from 'vitest'
import { Signal } from '../../src/field/signal.js'

const value = (signal: Signal, t: number) => {
  const u = new Float64Array(signal.channels)
  signal.value(t, u)
  return Array.from(u)
}
const slope = (signal: Signal, t: number) => {
  const u = new Float64Array(signal.channels).fill(Number.NaN)
  signal.slope(t, u)
  return Array.from(u)
}
const of = (between: 'hold' | 'linear' | 'cubic') => {
  const signal = new Signal({ channels: 1, between })
  for (const [t, u] of [
    [0, 0],
    [1, 2],
    [3, 4],
  ] as const)
    signal.push(t, Float64Array.of(u))
  return signal
}

describe('a signal', () => {
  it('is held: the last arrival, the first before any, zero when there are none', () => {
    const signal = of('hold')
    expect([-1, 0, 0.9, 1, 2.9, 3, 50].map(t => value(signal, t)[0])).toEqual([0, 0, 0, 2, 2, 4, 4])
    expect(value(new Signal({ channels: 2 }), 5)).toEqual([0, 0])
    expect(slope(signal, 0.5)).toEqual([0])
  })

  it('is linear between arrivals and held behind the last', () => {
    const signal = of('linear')
    expect([0.5, 1, 2, 3, 4].map(t => value(signal, t)[0])).toEqual([1, 2, 3, 4, 4])
    expect([0.5, 1, 2, 3, 4].map(t => slope(signal, t)[0])).toEqual([2, 1, 1, 0, 0])
  })

  it('is cubic with slopes that look back only, continuous at arrivals', () => {
    const signal = of('cubic')
    for (const t of [1, 3]) {
      // A step of 1e-9 at slopes of two.
      expect(value(signal, t - 1e-9)[0]).toBeCloseTo(value(signal, t)[0]!, 7)
    }
    expect(slope(signal, 1)[0]).toBeCloseTo(2, 12)
    for (const t of [0.3, 1.7, 2.9]) {
      const h = 1e-6
      expect(slope(signal, t)[0]).toBeCloseTo((value(signal, t + h)[0]! - value(signal, t - h)[0]!) / (2 * h), 8)
    }
    const later = of('cubic')
    later.push(4, Float64Array.of(-100))
    for (const t of [0.5, 2.5]) expect(value(later, t)).toEqual(value(signal, t))
  })

  it('takes a second arrival at one time in place of the first, and refuses what goes back or does not fit', () => {
    const signal = of('hold')
    signal.push(3, Float64Array.of(9))
    expect(value(signal, 3)).toEqual([9])
    expect(() => signal.push(2, Float64Array.of(1))).toThrow(expect.objectContaining({ code: 'TIME_NOT_MONOTONE' }))
    expect(() => signal.push(4, Float64Array.of(1, 2))).toThrow(expect.objectContaining({ code: 'DIMENSION_MISMATCH' }))
  })

  it('remembers no more than its capacity', () => {
    const signal = new Signal({ channels: 1, capacity: 3 })
    for (let t = 0; t < 10; t++) signal.push(t, Float64Array.of(t))
    expect([0, 7, 8.5, 9].map(t => value(signal, t)[0])).toEqual([7, 7, 8, 9])
  })

  it('keeps a copy of what arrived', () => {
    const signal = new Signal({ channels: 1 })
    const u = Float64Array.of(1)
    signal.push(0, u)
    u[0] = 5
    expect(value(signal, 0)).toEqual([1])
  })
})
