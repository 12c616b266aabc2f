import { rmSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { logFeed } from '../../../streams/feeds/log/log.js'
import { Valve } from '../../../streams/overflow/valve.js'
import { ndjsonSink } from '../../../streams/sinks/ndjson.js'
import { VirtualClock } from '../clock.js'
import { feedContext, outline, watchFeed } from '../feeds.js'
import { temporaryFile } from '../temporary.js'

/** Of the line that is added to each log. */
const ADDED = 1e6

/**
 * Cuts a log of so many bytes behind every one of them. Each gives its whole lines and says what is wrong with the last one; with
 * a line added behind that, it gives the same again and the one that was added.
 * @returns How many cuts, and how many whole lines were read.
 */
export async function cutLog(bytes: number): Promise<{ readonly cuts: number; readonly lines: number }> {
  let text = ''
  for (let n = 0; text.length < bytes; n++) text += `{"t":${n},"y":[${Math.sin(n).toFixed(6)}]}\n`
  const path = temporaryFile('log')
  let lines = 0
  for (let cut = 0; cut <= bytes; cut++) {
    const whole = text.slice(0, cut).split('\n')
    const rest = whole.pop()!
    // An object without its last brace is no JSON, so that a part is never taken for the whole.
    const torn = rest === '' ? [] : rest.endsWith('}') ? [whole.length] : ['OBSERVATION_CUT']
    writeFileSync(path, text.slice(0, cut))
    expect(await read(path), `cut at ${cut}`).toEqual([...whole.keys(), ...torn])
    const context = { valve: new Valve(), clock: new VirtualClock(), failed: () => {}, log: () => {} }
    const sink = await ndjsonSink({ path, append: true }, context)
    sink.write(`{"t":${ADDED},"y":[0]}`)
    await sink.close()
    expect(await read(path), `cut at ${cut}, and added to`).toEqual([
      ...whole.keys(),
      ...torn.map(end => (end === 'OBSERVATION_CUT' ? 'OBSERVATION_NOT_JSON' : end)),
      ADDED,
    ])
    lines += whole.length
  }
  rmSync(path)
  return { cuts: bytes + 1, lines }
}

async function read(path: string): Promise<(number | string)[]> {
  const watch = watchFeed(logFeed({ path }, feedContext()))
  await watch.end
  return outline(watch.values)
}
