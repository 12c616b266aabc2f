import { describe, expect, it } from 'vitest'
import { learnerSettings } from '../../../src/learn/learner-settings.js'
import { createModel } from '../../../src/learn/model/model.js'
import { createRule } from '../../../src/learn/rules/create-rule.js'
import { Filter } from '../../../src/learn/window/filter.js'
import { createLabel } from '../../../src/learn/window/labels.js'

/** A filter of one channel, and how to give it the next value. */
function filterWith(kind: 'kalman' | 'adam') {
  const settings = learnerSettings({ optimizer: { kind }, window: 4 })
  const model = createModel({ channels: 1 })
  const filter = new Filter(model, createRule(model, settings), settings)
  let t = 0
  const observe = (value: number) => {
    const y = Float64Array.of(value)
    return filter.observe(1, y, createLabel(t++, undefined, y), { movement: { typical: () => 0.1 } })
  }
  return { filter, observe }
}

describe.each(['kalman', 'adam'] as const)('a value that shows the one before it to be right, with %s', kind => {
  const { filter, observe } = filterWith(kind)
  for (let i = 0; i < 20; i++) observe(0.05 * Math.sin(i))
  const doubted = observe(30)
  const noise = filter.rule.noise.slice()
  observe(30.02)

  it('is predicted without what it shows, and learned from with it', () => {
    expect(doubted.clipped).toBe(1)
    expect(Math.abs(filter.predicted[0]!)).toBeLessThan(1)
    expect(filter.counters[0]).toBe(20)
  })

  it('is counted into the noise, and does not change how sure the prediction was', () => {
    expect(filter.rule.noise).not.toEqual(noise)
    if (kind === 'adam') expect(filter.variance).toEqual(noise)
    expect(filter.variance[0]).toBeGreaterThan(0)
  })
})
