import { from } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation.js'
import { quarantine } from '../../src/operators/quarantine.js'
import { reorder } from '../../src/operators/reorder.js'
import { Random } from '../../src/random.js'
import { at } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'
import { SCALE } from '../support/seed.js'

describeOperatorContract('quarantine', {
  create: () => quarantine({ maxAhead: 10 }),
  inputs: [1, 2, 3, 4].map(t => at(t, t)),
  callbacks: {
    refused: fail => ({
      operator: quarantine({ maxAhead: 5, refused: fail }),
      inputs: [at(1, 1), at(90, 1), at(2, 1)],
    }),
  },
})

function through(times: readonly number[], maxAhead = 5) {
  const refused: number[] = []
  const source = from(times.map(t => at(t, t)))
  const { values } = collect(source.pipe(quarantine({ maxAhead, refused: ({ t }) => refused.push(t) })))
  return { passed: values.map(({ t }) => t), refused }
}

describe('quarantine', () => {
  it('puts one observation aside that is far ahead, and passes two', () => {
    expect(through([1, 90, 2, 3, 80, 81, 82])).toEqual({ passed: [1, 2, 3, 80, 81, 82], refused: [90] })
  })

  it('the second one may be a little older, and both come out in order', () => {
    expect(through([1, 90, 86, 91])).toEqual({ passed: [1, 86, 90, 91], refused: [] })
    expect(through([1, 90, 84, 91])).toEqual({ passed: [1, 84, 91], refused: [90] })
  })

  it('a second wrong one takes the place of the first', () => {
    expect(through([1, 500, 90, 2, 3])).toEqual({ passed: [1, 2, 3], refused: [500, 90] })
  })

  it('what nobody has borne out at the end is put aside', () => {
    expect(through([1, 2, 90])).toEqual({ passed: [1, 2], refused: [90] })
  })

  it('passes revisions as they are', () => {
    const revision = { ...at(900), id: 'a', revision: 'retract' } as const
    expect(collect(from([at(1, 0), revision, at(2, 0)]).pipe(quarantine({ maxAhead: 5 }))).values).toHaveLength(3)
  })

  it('F11: refuses a correction that goes as far ahead, since nothing can bear it out', () => {
    const refused: Observation[] = []
    const wrong = { ...at(900, 1), id: 'a', revision: 'correct' } as const
    const right = { ...at(5, 1), id: 'a', revision: 'correct' } as const
    const operator = quarantine({ maxAhead: 5, refused: o => refused.push(o) })
    const { values } = collect(from([at(1, 0), wrong, right, at(6, 0)]).pipe(operator))
    expect(values.map(({ t }) => t)).toEqual([1, 5, 6])
    expect(refused).toEqual([wrong])
  })

  it('F11: a time ten years ahead, anywhere but first, makes nothing late', () => {
    const random = new Random(11)
    const stream = Array.from({ length: 1000 }, (_, i) => at(1.7e9 + i, i))
    for (let run = 0; run < 1000 * SCALE; run++) {
      const where = 1 + Math.floor(random.uniform() * 999)
      const bad = at(1.7e9 + where + 10 * 365 * 86_400, 0)
      const [late, refused]: [Observation[], Observation[]] = [[], []]
      const operators = [quarantine({ refused: o => refused.push(o) }), reorder({ late: o => late.push(o) })] as const
      const { values } = collect(from(stream.toSpliced(where, 0, bad)).pipe(...operators))
      expect(refused).toEqual([bad])
      expect(late).toEqual([])
      expect(values).toHaveLength(1000)
    }
  })
})
