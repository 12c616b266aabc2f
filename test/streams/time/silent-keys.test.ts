import { describe, expect, it } from 'vitest'
import { verifyCheckpoint } from '../../../src/cli/verify-checkpoint.js'
import type { PipelineConfig } from '../../../src/config/pipeline.js'
import type { DeadLetter } from '../../../src/dead-letter.js'
import { isDeadLetter } from '../../../streams/feeds/feed.js'
import { readSegments } from '../../../streams/recorder/read-segments.js'
import { HandClock } from '../../support/hand-clock.js'
import { countByCode, runToFile, SMALL } from '../../support/pipelines.js'
import { startServer } from '../../support/sockets.js'
import { temporaryDirectory } from '../../support/temporary.js'

const NOW = 1_764_000_000
const LEARN = { ...SMALL.learn, allowedLateness: 5, idle: 30 }
const message = (key: string, t: number) => JSON.stringify({ key, t: NOW + t, y: [Math.sin(t / 3), Math.cos(t / 3)] })

/**
 * A live run in which `a` falls silent with observations held back, is let go by the clock, and speaks again. What the sensor says
 * waits for what the pipeline says, so nothing depends on how fast it is.
 */
async function run(more: PipelineConfig = {}) {
  const [directory, state] = [`${temporaryDirectory()}/recording`, `${temporaryDirectory()}/state`]
  const clock = new HandClock(NOW)
  const { url, connection } = await startServer(socket => {
    for (let t = 0; t < 12; t++) socket.send(message('a', t))
    // Of a, 6 to 11 are held back then; the estimate of end at 90 says that all of this has come.
    for (const t of [90, 100_000, 100]) socket.send(message('end', t))
  })
  const letters: DeadLetter[] = []
  const config: PipelineConfig = {
    ...SMALL,
    channels: ['sine', 'cosine'],
    learn: LEARN,
    checkpoint: { directory: state },
    ...more,
  }
  const source = { kind: 'websocket', url, reconnect: false, maxSkew: 3600 } as const
  const seen: string[] = []
  const socket = connection()
  const live = await runToFile(
    { ...config, source, record: { directory } },
    {
      clock,
      onDeadLetter: letter => letters.push(letter),
      onEstimate: async ({ key, t }) => {
        seen.push(`${key}${t - NOW}`)
        if (seen.at(-1) === 'end90') await clock.advance(40)
        if (seen.at(-1) === 'a11') {
          for (const next of [20, 21, 22, 30]) (await socket).send(message('a', next))
          ;(await socket).close(1000)
        }
      },
    },
  )
  return { live, letters, seen, directory, state, config }
}

describe('F04: a sensor of a live run that falls silent', () => {
  it('holds nothing back for longer than learn.idle, and a replay of the recording decides the same', async () => {
    const { live, letters, seen, directory, state, config } = await run()
    expect(seen.filter(name => name.startsWith('a'))).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21, 22, 30].map(t => `a${t}`),
    )
    // Before its last ones, which came after it had been let go.
    expect(seen.indexOf('a11')).toBeLessThan(seen.indexOf('a20'))
    const marks: string[] = []
    for await (const records of readSegments(directory, 0, new AbortController().signal))
      for (const { value } of records) if (!isDeadLetter(value) && value.arrival === 'idle') marks.push(value.key)
    expect(marks).toEqual(['a', 'end'])
    // Ahead of the clock: not learned; a replay puts it aside as well, without a clock.
    expect(countByCode(letters)).toEqual({ OBSERVATION_FUTURE: 1 })
    expect(live.progress.accounting).toMatchObject({ received: 19, learned: 18, dead: 1, queued: 0 })

    const again = await runToFile({
      ...config,
      checkpoint: { directory: temporaryDirectory() },
      source: { kind: 'log', path: directory },
    })
    expect(again.output).toBe(live.output)
    expect(again.progress.accounting).toMatchObject({ received: 19, learned: 18, dead: 1, queued: 0 })
    expect(await verifyCheckpoint(directory, state, config)).toMatchObject({ same: true, observations: 18 })
  })
})
