import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guardHeap } from '../../../streams/load/heap-guard.js'
import { Load } from '../../../streams/load/load.js'
import { LOAD_STAGES, nextStage, reaches, STAGE_BEGINS } from '../../../streams/load/load-stage.js'

describe('F05: the stages of shedding', () => {
  it.each([
    [0.79, 'normal'],
    [0.8, 'refuse-subscribers'],
    [0.9, 'conflate'],
    [0.95, 'skip-updates'],
    [0.99, 'pause-feed'],
    [3, 'pause-feed'],
  ] as const)('at a fill of %d it is %s', (fill, stage) => {
    expect(nextStage('normal', fill, 'pause-feed')).toBe(stage)
  })

  it('end a tenth below where they began, whatever came in between', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1.2, noNaN: true })),
        fc.constantFrom(...LOAD_STAGES),
        (fills, most) => {
          let stage: (typeof LOAD_STAGES)[number] = 'normal'
          for (const fill of fills) {
            const before: typeof stage = stage
            stage = nextStage(before, fill, most)
            expect(reaches(most, stage)).toBe(true)
            for (const one of LOAD_STAGES.filter(name => name !== 'normal' && reaches(most, name))) {
              if (fill >= STAGE_BEGINS[one]) expect(reaches(stage, one)).toBe(true)
              else if (fill < STAGE_BEGINS[one] - 0.1) expect(reaches(stage, one)).toBe(false)
              else expect(reaches(stage, one)).toBe(reaches(before, one))
            }
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('F05: the load of a pipeline', () => {
  it('is that of the fullest, no further than each may ask for, and counts what was entered', () => {
    const changes: string[] = []
    const load = new Load((stage, gauge) => changes.push(`${gauge} ${stage}`))
    const [queue, subscribers] = [load.gauge('queue', 'pause-feed'), load.gauge('subscribers', 'conflate')]
    subscribers.fill(1)
    expect([load.stage, load.sheds('conflate'), load.sheds('skip-updates')]).toEqual(['conflate', true, false])
    queue.fill(0.96)
    subscribers.fill(0.1)
    expect(load.report).toEqual({
      stage: 'skip-updates',
      fills: { queue: 0.96, subscribers: 0.1 },
      entered: { 'refuse-subscribers': 1, conflate: 1, 'skip-updates': 1 },
    })
    queue.fill(0)
    queue.fill(0.99)
    expect(load.report.entered).toEqual({ 'refuse-subscribers': 2, conflate: 2, 'skip-updates': 2, 'pause-feed': 1 })
    expect(changes).toEqual(['subscribers conflate', 'queue skip-updates', 'queue normal', 'queue pause-feed'])
  })
})

describe('F50: the guard of the heap', () => {
  it('knows after a full garbage collection how much of what is allowed is in use', async () => {
    const load = new Load()
    const end = guardHeap(load.gauge('heap', 'skip-updates'))
    const collect = (globalThis as { gc?: () => void }).gc ?? (await exposedGc())
    collect()
    for (let turn = 0; turn < 1000 && load.report.fills.heap === 0; turn++)
      await new Promise(resolve => setImmediate(resolve))
    end()
    expect(load.report.fills.heap).toBeGreaterThan(0)
    expect(load.report.fills.heap).toBeLessThan(0.8)
  })
})

async function exposedGc(): Promise<() => void> {
  const { setFlagsFromString } = await import('node:v8')
  const { runInNewContext } = await import('node:vm')
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
