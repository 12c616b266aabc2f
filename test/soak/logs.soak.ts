import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { logFeed } from '../../streams/feeds/log.js'
import { ndjsonSink } from '../../streams/sinks/ndjson.js'
import { Valve } from '../../streams/valve.js'
import { VirtualClock } from '../support/clock.js'
import { feedContext, outline, watchFeed } from '../support/feeds.js'
import { temporaryFile } from '../support/temporary.js'

const BYTES = Number(process.env.BYTES ?? 4096)

describe('F40: a log that was cut', () => {
  it(`at every one of ${BYTES} bytes gives its whole lines, and can be added to`, async () => {
    const lines: string[] = []
    for (let n = 0; lines.join('').length < BYTES; n++) lines.push(`{"t":${n},"y":[${Math.sin(n).toFixed(6)}]}\n`)
    const text = Buffer.from(lines.join(''))
    let whole = 0
    for (let cut = 0; cut <= BYTES; cut++) {
      const path = temporaryFile('log')
      writeFileSync(path, text.subarray(0, cut))
      const context = { valve: new Valve(), clock: new VirtualClock(), failed: () => {}, log: () => {} }
      const sink = await ndjsonSink({ path, append: true }, context)
      sink.write('{"t":1e6,"y":[0]}')
      await sink.close()
      const watch = watchFeed(logFeed({ path }, feedContext()))
      await watch.end
      const complete = text.subarray(0, cut).toString().split('\n')
      const rest = complete.pop()!
      const torn = rest === '' ? [] : rest.endsWith('}') ? [complete.length] : ['OBSERVATION_NOT_JSON']
      expect(outline(watch.values), `cut at ${cut}`).toEqual([...complete.keys(), ...torn, 1e6])
      whole += complete.length
      rmSync(path)
    }
    console.log(`${BYTES + 1} cuts, ${whole} whole lines, all of them read, one more added each time`)
  })
})
