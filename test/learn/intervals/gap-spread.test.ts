import { describe, expect, it } from 'vitest'
import { GapSpread } from '../../../src/learn/intervals/gap-spread.js'
import { Learner } from '../../../src/learn/learner.js'
import type { Observation } from '../../../src/observation.js'
import { Random } from '../../../src/random.js'
import { run } from '../../support/streams.js'

/** Shows it errors whose variance is `spread` of the gap. @returns The factor after gaps of 0.2 and 4. */
function factors(spread: (gap: number) => number, gap: (random: Random) => number): [number, number] {
  const [random, spreading] = [new Random(1), new GapSpread(1)]
  for (let i = 0; i < 3000; i++) {
    const g = gap(random)
    spreading.pass(g)
    spreading.observe(0, Math.sqrt(spread(g)) * random.normal())
  }
  return [0.2, 4].map(g => {
    const { since } = spreading.state
    since.fill(0)
    spreading.pass(g)
    return spreading.factor(0)
  }) as [number, number]
}

const exponential = (random: Random) => -Math.log(1 - random.uniform())

describe('how much less certain a prediction is after a longer gap', () => {
  it('is learned: by the root of the gap on a walk', () => {
    const [short, long] = factors(g => g, exponential)
    expect(short).toBeGreaterThan(0.35)
    expect(short).toBeLessThan(0.65)
    expect(long).toBeGreaterThan(1.6)
    expect(long).toBeLessThan(2.2)
  })

  it('is nothing where errors do not depend on it', () => {
    const [short, long] = factors(() => 1, exponential)
    expect(short).toBeGreaterThan(0.93)
    expect(long).toBeLessThan(1.15)
  })

  it('is nothing, to the last bit, where gaps are regular', () => {
    const [random, spreading] = [new Random(1), new GapSpread(1)]
    for (let i = 0; i < 300; i++) {
      spreading.pass(1)
      expect(spreading.factor(0)).toBe(1)
      spreading.observe(0, random.normal())
    }
  })

  it('counts from when the channel was last measured', () => {
    const spreading = new GapSpread(2)
    for (let i = 0; i < 5; i++) spreading.pass(1)
    spreading.observe(0, 1)
    spreading.pass(1)
    expect(Array.from(spreading.state.since)).toEqual([1, 6])
  })

  it('survives absurd errors and gaps', () => {
    const spreading = new GapSpread(1)
    for (const [gap, error] of [
      [Number.NaN, 1],
      [Infinity, 1],
      [1e300, 1e300],
      [0, Infinity],
      [0, 0],
      [1, 1],
    ] as const) {
      spreading.pass(gap)
      expect(spreading.factor(0)).toBeGreaterThan(0.2)
      expect(spreading.factor(0)).toBeLessThan(4)
      spreading.observe(0, error)
    }
  })
})

function walk(seed: number, count = 2000): Observation[] {
  const random = new Random(seed)
  let [t, x] = [0, 0]
  return Array.from({ length: count }, () => {
    const gap = exponential(random)
    x += Math.sqrt(gap) * random.normal()
    return { key: '', t: (t += gap), y: Float64Array.of(x) }
  })
}

it.each([1, 2])(
  'a walk at irregular times is inside its intervals after long gaps, too, and raises few alarms, seed %d',
  seed => {
    const stream = walk(seed)
    let [inside, long, alarms] = [0, 0, 0]
    run(new Learner(), stream).forEach(({ observed, interval, score }, i) => {
      if (i < 500) return
      if (score! > 3) alarms++
      if (stream[i]!.t - stream[i - 1]!.t < 2.5) return
      long++
      if (interval[0]![0] <= observed[0]! && observed[0]! <= interval[0]![1]) inside++
    })
    console.log(`inside after long gaps ${((100 * inside) / long).toFixed(1)} % of ${long}, alarms ${alarms} of 1500`)
    expect(inside / long).toBeGreaterThan(0.8)
    expect(alarms).toBeLessThan(8)
  },
)
