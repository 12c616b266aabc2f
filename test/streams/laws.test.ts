import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { ObservationDecoder } from '../../src/config/decoders/observation-message.js'
import { Learner } from '../../src/learn/learner.js'
import { linesOf } from '../../streams/feeds/bytes/lines.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { simulate } from '../../streams/simulate/simulate.js'
import { runToFile, SMALL } from '../support/pipelines.js'
import { SCALE } from '../support/seed.js'
import { closedPort, startServer, TestClient } from '../support/sockets.js'
import { temporaryFile } from '../support/temporary.js'

/** Laws of FAULTS.md §3.7 that need the world: pieces of input, and who listens. */

const lines = [...simulate({ system: 'van-der-pol', count: 80, seed: 3, missing: 0.1 })]

it('M13: what is learned does not depend on how the bytes of a stream are cut into chunks', async () => {
  // A key of four bytes a letter, so that characters are cut too.
  const bytes = Buffer.from(lines.map(line => `${line.replace('{', '{"key":"🚰ü",')}\n`).join(''))
  const learned = async (cuts: readonly number[]) => {
    async function* chunks() {
      const ends = [...new Set(cuts)].sort((a, b) => a - b)
      let from = 0
      for (const to of [...ends, bytes.length]) {
        yield bytes.subarray(from, to)
        from = to
      }
    }
    const decoder = new ObservationDecoder({})
    const learner = new Learner({ window: 4, warmup: 5, model: { augment: 0, dynamics: { hidden: [3] } } })
    const estimates: string[] = []
    for await (const records of linesOf(chunks()))
      for (const { text } of records) {
        const decoded = decoder.decode(text, () => 'a test')
        if ('code' in decoded) throw new Error(decoded.code)
        estimates.push(JSON.stringify(learner.observe(decoded)))
      }
    return estimates
  }
  const whole = await learned([])
  expect(whole).toHaveLength(lines.length)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 200 }), async cuts => {
      expect(await learned(cuts)).toEqual(whole)
    }),
    { numRuns: 40 * SCALE },
  )
})

/** Sends a message in so many frames. */
function sendInFrames(socket: WebSocket, text: string, frames: number): void {
  const size = Math.ceil(text.length / frames)
  for (let from = 0; from < text.length; from += size)
    socket.send(text.slice(from, from + size), { fin: from + size >= text.length })
}

it('M13: nor on how messages of a WebSocket come: in frames, many in one packet, after pauses', async () => {
  const expected = await runToFile({
    source: { kind: 'simulate', system: 'van-der-pol', count: 80, seed: 3, missing: 0.1 },
  })
  const script = fc.array(fc.record({ frames: fc.integer({ min: 1, max: 5 }), pause: fc.boolean() }), {
    minLength: lines.length,
    maxLength: lines.length,
  })
  await fc.assert(
    fc.asyncProperty(script, async steps => {
      const { url } = await startServer(async socket => {
        for (const [i, { frames, pause }] of steps.entries()) {
          sendInFrames(socket, lines[i]!, frames)
          if (pause) await turn()
        }
        socket.close(1000)
      })
      const { output } = await runToFile({ source: { kind: 'websocket', url, reconnect: false } })
      expect(output).toBe(expected.output)
    }),
    { numRuns: 10 * SCALE },
  )
})

/** What a subscriber does, and after how many observations. */
type Act = { readonly after: number; readonly does: 'read' | 'stall' | 'leave' | 'ask' }
const acts = fc.array(
  fc.record<Act>({ after: fc.nat(lines.length - 1), does: fc.constantFrom('read', 'stall', 'leave', 'ask') }),
  { minLength: 1, maxLength: 6 },
)

it('M21: nothing that is learned depends on who listens, how slowly, or when they come and go', async () => {
  const alone = await runToFile({
    source: { kind: 'simulate', system: 'van-der-pol', count: 80, seed: 3, missing: 0.1 },
  })
  await fc.assert(
    fc.asyncProperty(acts, async listeners => {
      const port = await closedPort()
      const feed = await startServer()
      const path = temporaryFile()
      const running = runPipeline({
        ...SMALL,
        source: { kind: 'websocket', url: feed.url, reconnect: false },
        // So little room that who stalls is given the latest only.
        sinks: [
          { kind: 'ndjson', path },
          { kind: 'websocket', port, maxBuffered: 1000 },
        ],
      })
      const source = await feed.connection()
      const stalled: TestClient[] = []
      for (const [i, line] of lines.entries()) {
        for (const { does } of listeners.filter(({ after }) => after === i)) {
          const client = await TestClient.connect(`ws://127.0.0.1:${port}`)
          if (does === 'stall') {
            client.socket.pause()
            stalled.push(client)
          }
          if (does === 'leave') client.socket.terminate()
          if (does === 'ask') client.socket.send('{"forecast":"no such request"}')
        }
        source.send(line)
      }
      source.close(1000)
      // Who never reads does not hold up the end either, but the farewell waits a while for him.
      for (const client of stalled) client.socket.terminate()
      await running
      expect(readFileSync(path, 'utf8')).toBe(alone.output)
    }),
    { numRuns: 12 * SCALE },
  )
})
