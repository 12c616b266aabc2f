import { describe, expect, it } from 'vitest'
import { Recent } from '../../../src/learn/units/recent.js'
import { Section } from '../../../src/section.js'

const observation = (t: number, id?: string) => ({ key: 'k', t, y: Float64Array.of(10 * t, -t), ...(id && { id }) })
const times = (recent: Recent) => recent.observations.map(({ t }) => t)

function filled(capacity: number, ...at: number[]): Recent {
  const recent = new Recent(capacity, 2)
  for (const t of at) recent.add(observation(t, `o${t}`))
  return recent
}

describe('recent observations', () => {
  it('are the last ones, with their values and ids', () => {
    const recent = filled(3, 1, 2, 3, 4, 5)
    expect(times(recent)).toEqual([3, 4, 5])
    expect(recent.taken).toBe(5)
    expect(recent.observations[1]).toEqual({ key: '', t: 4, y: Float64Array.of(40, -4), id: 'o4' })
  })

  it('keep the order of time, whenever they came', () => {
    const recent = filled(4, 1, 3, 5)
    recent.add(observation(2))
    expect(times(recent)).toEqual([1, 2, 3, 5])
    expect(recent.observations.map(({ id }) => id)).toEqual(['o1', undefined, 'o3', 'o5'])
    recent.add(observation(4))
    expect(times(recent)).toEqual([2, 3, 4, 5])
    // Older than all, and there is no room.
    recent.add(observation(0))
    expect(times(recent)).toEqual([2, 3, 4, 5])
  })

  it('lose what is retracted', () => {
    const recent = filled(4, 1, 2, 3)
    recent.remove('o2')
    recent.remove('nobody')
    recent.remove(undefined)
    expect(times(recent)).toEqual([1, 3])
    expect(recent.observations[1]!.y).toEqual(Float64Array.of(30, -3))
  })

  it('miss what is doubted', () => {
    const recent = new Recent(2, 2)
    recent.add(observation(1), Float64Array.of(0, 1))
    expect(recent.observations[0]!.y).toEqual(Float64Array.of(10, Number.NaN))
  })

  it('move with the clock of their source', () => {
    const recent = filled(4, 1, 2, 3)
    recent.shift(3, 103)
    expect(times(recent)).toEqual([101, 102, 103])
  })

  it('are stored and read back', () => {
    for (const recent of [filled(3, 1, 2, 3, 4), new Recent(3, 2)]) {
      const copy = new Recent(3, 2)
      copy.restore(new Section(recent.save()))
      expect(copy.observations).toEqual(recent.observations)
      expect(copy.taken).toBe(recent.taken)
    }
    const without = new Recent(3, 2)
    without.add(observation(1))
    const copy = filled(3, 7, 8)
    copy.restore(new Section(without.save()))
    expect(copy.observations).toEqual(without.observations)
  })
})
