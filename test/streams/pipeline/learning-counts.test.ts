import { describe, expect, it } from 'vitest'
import { Learner } from '../../../src/learn/learner.js'
import { Section } from '../../../src/section.js'
import { Tally } from '../../../streams/pipeline/tally.js'
import { oscillationMessages } from '../../support/observations.js'
import { runToFile, SMALL, writeLog } from '../../support/pipelines.js'

const source = (messages: readonly string[]) => ({ kind: 'log', path: writeLog(messages) }) as const

describe('F61, F62: what a run says of its learning', () => {
  it('counts how often parameters went back, and the keys whose learning is frozen', async () => {
    const messages = oscillationMessages(60, 'a').flatMap((message, i) => [message, oscillationMessages(60, 'b')[i]!])
    const { progress, estimates } = await runToFile({
      source: source(messages),
      learn: { window: 4, warmup: 5, optimizer: { kind: 'sgd', rate: 1e9 } },
    })
    const back = estimates.filter(({ update }) => update.guard === 'rolled-back')
    // Each key froze once, and went back then.
    expect(progress.learning).toMatchObject({ rollbacks: back.length + 2, frozen: 2 })
    expect(progress.accounting).toMatchObject({ received: 120, queued: 0 })
  })

  it('counts values that were not believed, and nothing where all is well', async () => {
    const messages = oscillationMessages(60)
    expect((await runToFile({ source: source(messages) })).progress.learning).toMatchObject({ rollbacks: 0, frozen: 0 })
    const spike = '{"t":40,"y":[1e6,-1e6]}'
    const { progress, estimates } = await runToFile({ source: source(messages.with(40, spike)) })
    expect(estimates[40]!.update.clipped).toBe(2)
    expect(progress.learning.clipped).toBe(estimates.reduce((sum, { update }) => sum + (update.clipped ?? 0), 0))
  })

  it('keeps its counts in checkpoints, and knows those of before', () => {
    const tally = new Tally()
    const sent = { kind: 'estimate', key: 'a', line: '', skipped: true } as const
    for (const guard of ['rolled-back', 'rolled-back', 'frozen', 'frozen'] as const)
      tally.sent({ ...sent, guard, clipped: 2, message: undefined as never })
    expect(tally.learning).toEqual({ rollbacks: 3, frozen: 1, clipped: 8, stuck: 0 })
    const restored = new Tally()
    restored.restore(new Section(tally.save()))
    expect(restored.learning).toEqual(tally.learning)
    restored.sent({ ...sent, guard: 'frozen', message: undefined as never })
    expect(restored.learning).toEqual(tally.learning)
    const older = new Tally()
    older.restore(new Section({ received: 3, estimates: 2, skipped: 1, deadLetters: { OBSERVATION_LATE: 1 } }))
    expect(older.learning).toEqual({ rollbacks: 0, frozen: 0, clipped: 0, stuck: 0 })
    expect(older.received).toBe(3)
  })
})

describe('channels that are stuck', () => {
  // The second channel freezes from observation 100 to 180, and after a while again; the first one goes on.
  const frozen = (i: number) => (i >= 100 && i < 180) || i >= 240
  const messages = Array.from({ length: 300 }, (_, i) => {
    const moving = i >= 180 && i < 240 ? i : Math.min(i, 99)
    const second = frozen(i) ? 0.5 : Math.sin(0.9 * moving) + (moving % 7) / 10
    return JSON.stringify({ key: 'room', t: i, y: [Math.sin(0.3 * i), second] })
  })
  const stuckIn = (estimates: readonly { readonly stuck?: readonly number[] }[]) =>
    estimates.flatMap(({ stuck }, i) => (stuck ? [`${i}: ${stuck}`] : []))

  it('are named in estimates, by health and in the counts, and what is learned is the same', async () => {
    const { estimates, progress } = await runToFile({
      source: source(messages),
      channels: ['flow', 'level'],
    })
    const first = Array.from({ length: 180 - 139 }, (_, i) => `${139 + i}: 1`)
    const second = Array.from({ length: 300 - 279 }, (_, i) => `${279 + i}: 1`)
    expect(stuckIn(estimates)).toEqual([...first, ...second])
    expect(progress.learning.stuck).toBe(1)
    const learner = new Learner({ model: SMALL.model, ...SMALL.learn })
    const plain = messages.map(message => {
      const { key, t, y } = JSON.parse(message) as { key: string; t: number; y: number[] }
      return JSON.stringify(learner.observe({ key, t, y: Float64Array.from(y) }))
    })
    const differing = estimates.filter(({ stuck: _, ...rest }, i) => JSON.stringify(rest) !== plain[i])
    expect(differing).toHaveLength(0)
    const { health } = progress
    expect(health.reasons.map(({ code }) => code)).toEqual(['SENSOR_STUCK'])
    expect(health.reasons[0]!.sentence).toContain('level of room. Check these sensors')
  })

  it('are known again by a run that goes on', () => {
    const tally = new Tally()
    const sent = { kind: 'estimate', key: 'room', line: '', skipped: false } as const
    tally.sent({ ...sent, stuck: 2, message: { stuck: [0, 3] } as never })
    const restored = new Tally()
    restored.restore(new Section(tally.save()))
    expect([...restored.stuck]).toEqual([['room', [0, 3]]])
    restored.sent({ ...sent, message: undefined as never })
    expect(restored.learning.stuck).toBe(0)
  })
})
