import { describe, expect, it } from 'vitest'
import { linear } from '../../../src/field/linear.js'
import { Learner } from '../../../src/learn/learner.js'
import { Normaliser } from '../../../src/learn/units/normaliser.js'
import { outgrown } from '../../../src/learn/units/outgrown.js'
import type { Observation } from '../../../src/observation.js'
import { Random } from '../../../src/random.js'
import { Section } from '../../../src/section.js'

const SPAN = 40

/** One a second. */
function observations(values: (i: number) => number[], count = 320, gap = 1): Observation[] {
  return Array.from({ length: count }, (_, i) => ({ key: '', t: i * gap, y: Float64Array.from(values(i)) }))
}

function unitsAfter(observed: readonly Observation[], all = true): Normaliser | undefined {
  const leastSpread = 0.4
  return outgrown(Normaliser.fit(observed.slice(0, SPAN), { leastSpread }), observed, { span: SPAN, leastSpread, all })
}

/** Calm, but for bursts after the warm-up. */
function bursts(seed: number): (i: number) => number[] {
  const random = new Random(seed)
  return i => {
    const burst = i > 60 && i % 50 < 10 ? 20 * Math.sin((i % 50) / 3) : 0
    return [random.normal(), 0.1 * random.normal() + burst]
  }
}

describe('units', () => {
  it('are outgrown by what was calm during the warm-up and is not any more', () => {
    const units = unitsAfter(observations(bursts(1)))!
    expect(units.scale[1]).toBeGreaterThan(3)
    expect(units.scale[0]).toBeGreaterThan(0.8)
  })

  it.each<[string, (random: Random) => (i: number) => number[]]>([
    ['noise', random => () => [random.normal()]],
    ['a ramp', random => i => [10 * i + random.normal()]],
    ['a slow wave', random => i => [100 * Math.sin(i / 200) + random.normal()]],
    [
      'a walk',
      random => {
        let x = 0
        return () => [(x += random.normal())]
      },
    ],
    ['one value that is absurd', random => i => [i === 200 ? Number.NaN : random.normal()]],
    ['a constant', () => () => [7]],
    ['nothing at all', () => () => [Number.NaN]],
  ])('still fit %s', (_, values) => {
    for (let seed = 1; seed <= 20; seed++) expect(unitsAfter(observations(values(new Random(seed))))).toBeUndefined()
  })

  it('of a channel that did not move at first, or hardly came, are found when it has', () => {
    const random = new Random(1)
    const values = (i: number) => [
      i < 60 ? 437 : 437 + random.normal(),
      i % 30 === 0 ? 50 + 1e-4 * random.normal() : NaN,
    ]
    const stream = observations(values)
    const units = unitsAfter(stream)!
    // 175 and 20 before.
    expect(units.scale[0]).toBeLessThan(15)
    expect(units.scale[1]).toBeLessThan(2e-3)
    // Later, a calm is only a calm.
    expect(unitsAfter(stream, false)).toBeUndefined()
  })

  it('F20: that absurd values have made are found anew when these are gone, later too', () => {
    const random = new Random(1)
    const stream = observations(() => [random.normal(), random.normal()])
    const leastSpread = 0.4
    const absurd = new Normaliser(Float64Array.of(0, 0), Float64Array.of(1e300, 1e5), 1)
    const units = outgrown(absurd, stream, { span: SPAN, leastSpread, all: false })!
    expect(units.scale[0]).toBeLessThan(2)
    // A unit that a channel may well need again.
    expect(units.scale[1]).toBe(1e5)
    const still = observations(() => [7, 7])
    expect(outgrown(absurd, still, { span: SPAN, leastSpread, all: false })).toBeUndefined()
  })

  it('are outgrown by gaps that become much longer, not by shorter ones', () => {
    const random = new Random(1)
    const quick = observations(() => [random.normal()], SPAN)
    const followedBy = (gap: number) => [
      ...quick,
      ...observations(() => [random.normal()], 280, gap).map(o => ({ ...o, t: SPAN + o.t })),
    ]
    expect(unitsAfter(followedBy(20))!.timeScale).toBeGreaterThan(4)
    expect(unitsAfter(followedBy(0.05))).toBeUndefined()
  })
})

it('F20: a run of values as large as a double holds leaves predictions as they were, once it is forgotten', () => {
  const random = new Random(5)
  const stream = observations(
    i => [(i >= 400 && i < 410 ? 1e308 : 20) + Math.sin(i / 7) + 0.05 * random.normal()],
    1300,
  )
  const learner = new Learner()
  const late = stream.map(o => learner.observe(o)).slice(1000)
  const errors = late.map(({ predicted }, i) => Math.abs(predicted[0]! - stream[1000 + i]!.y[0]!))
  const widths = late.map(({ interval }) => interval[0]![1] - interval[0]![0])
  expect(Math.max(...errors)).toBeLessThan(1)
  expect(Math.max(...widths)).toBeLessThan(2)
})

describe('a learner that has outgrown its units', () => {
  const all = observations(bursts(2), 900).map((o, i) => ({ ...o, id: `o${i}` }))

  it('has others, and predicts as one whose warm-up had shown all', () => {
    const learner = new Learner({ seed: 3 })
    const wise = new Learner({ seed: 3, warmup: 320 })
    let [errors, wiseErrors] = [0, 0]
    const before: number[] = []
    all.forEach((observation, i) => {
      const [estimate, other] = [learner.observe(observation), wise.observe(observation)]
      if (i === 100) before.push(...learner.units!.scale)
      if (i < 400) return
      errors += (estimate.predicted[1]! - observation.y[1]!) ** 2
      wiseErrors += (other.predicted[1]! - observation.y[1]!) ** 2
      expect(estimate.update.count).toBeGreaterThan(i - 100)
    })
    expect(learner.units!.scale[1]).toBeGreaterThan(20 * before[1]!)
    expect(Math.sqrt(errors / wiseErrors)).toBeLessThan(1.15)
  })

  it.each([79, 81, 319, 321])('goes on exactly from what was stored after %d observations', at => {
    const straight = new Learner()
    for (const observation of all.slice(0, at)) straight.observe(observation)
    const resumed = new Learner()
    resumed.restore(new Section(straight.save()))
    const tail = all.slice(at, 700)
    expect(tail.map(o => resumed.observe(o))).toEqual(tail.map(o => straight.observe(o)))
  })

  it('knows the observations of its window by their ids: they can be corrected afterwards', () => {
    const learner = new Learner()
    for (const observation of all.slice(0, 320)) learner.observe(observation)
    const corrected = learner.revise({ ...all[315]!, y: Float64Array.of(0, 0), revision: 'correct' })
    expect(corrected?.revision).toBe('corrected')
    expect(learner.revise({ ...all[316]!, revision: 'retract' })?.revision).toBe('retracted')
  })

  it("keeps them with a field of one's own, which is made once", () => {
    let made = 0
    const create = () => {
      made++
      return linear(2, Float64Array.of(-0.1, 0, 0, -0.1))
    }
    const learner = new Learner({ model: { dynamics: { kind: 'custom', name: 'decay', dimension: 2, create } } })
    for (const observation of all.slice(0, 100)) learner.observe(observation)
    const { scale } = learner.units!
    for (const observation of all.slice(100, 400)) learner.observe(observation)
    expect(learner.units!.scale).toEqual(scale)
    expect(made).toBe(1)
  })
})
