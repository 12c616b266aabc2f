import { describe, expect, it } from 'vitest'
import { Section } from '../../src/section.js'
import { Tally } from '../../streams/tally.js'
import { oscillationMessages } from '../support/observations.js'
import { runToFile, writeLog } from '../support/pipelines.js'

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
    expect(tally.learning).toEqual({ rollbacks: 3, frozen: 1, clipped: 8 })
    const restored = new Tally()
    restored.restore(new Section(tally.save()))
    expect(restored.learning).toEqual(tally.learning)
    restored.sent({ ...sent, guard: 'frozen', message: undefined as never })
    expect(restored.learning).toEqual(tally.learning)
    const older = new Tally()
    older.restore(new Section({ received: 3, estimates: 2, skipped: 1, deadLetters: { OBSERVATION_LATE: 1 } }))
    expect(older.learning).toEqual({ rollbacks: 0, frozen: 0, clipped: 0 })
    expect(older.received).toBe(3)
  })
})
