import { expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import { Random } from '../../src/random.js'
import { MISSING } from '../support/observations.js'

it.each([1, 2, 3, 4])(
  'intervals of a slow sensor are within a few times their usual width soon after the warm-up, seed %d',
  seed => {
    const [random, learner] = [new Random(seed), new Learner()]
    const widths: number[] = []
    for (let i = 0, t = 0; i < 1500; i++) {
      t -= 3 * Math.log(1 - random.uniform())
      const temperature = 21 + 2 * Math.sin(t / 200) + 0.05 * random.normal()
      const co2 = 500 + 100 * Math.sin(t / 300) + 3 * random.normal()
      const y = [temperature, co2].map(value => (random.uniform() < 0.15 ? MISSING : value))
      const width = learner.observe({ key: '', t, y: Float64Array.from(y) }).interval?.[0]
      if (i >= 60 && width) widths.push(width[1] - width[0])
    }
    const median = widths.toSorted((a, b) => a - b)[widths.length >> 1]!
    // 12 to 21 times as wide without a bound.
    expect(Math.max(...widths) / median).toBeLessThan(8)
  },
)
