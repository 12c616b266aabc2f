import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Valve } from '../../../streams/overflow/valve.js'
import { standardOutputSink } from '../../../streams/sinks/standard-output.js'

/** What a terminal, or a pipe, gets of a line. */
async function shown(line: string, isTTY: boolean): Promise<string> {
  let text = ''
  const out = new Writable({
    write(chunk, _, done) {
      text += chunk
      done()
    },
  })
  const sink = standardOutputSink(
    new Valve(),
    error => {
      throw error
    },
    undefined,
    Object.assign(out, { isTTY }),
  )
  sink.write(line)
  await sink.close()
  return text
}

describe('standard output', () => {
  const line = JSON.stringify({ key: '\u009b2J\u001b[2J' })

  it('S10: escapes on a terminal what would do something to it', async () => {
    const text = await shown(line, true)
    expect(text).toBe('{"key":"\\u009b2J\\u001b[2J"}\n')
    expect(JSON.parse(text)).toEqual(JSON.parse(line))
  })

  it('S10: is the bytes of a file on a pipe', async () => {
    expect(await shown(line, false)).toBe(`${line}\n`)
  })

  it.each([
    ['block', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0],
    // Ten bytes fill the pipe, and twenty wait.
    ['drop-newest', [0, 1, 2], 7],
    ['drop-oldest', [0, 8, 9], 7],
    ['coalesce', [0, 8, 9], 7],
  ] as const)(
    'F05: while its reader does not read, by the policy %s it gives %j in the end',
    async (policy, given, dropped) => {
      let text = ''
      let [reading, go] = [false, () => {}]
      const out = new Writable({
        highWaterMark: 10,
        decodeStrings: false,
        write(chunk, _, done) {
          text += chunk
          if (reading) setImmediate(done)
          else go = done
        },
      })
      const valve = new Valve()
      const sink = standardOutputSink(valve, () => {}, { policy, bytes: 20 }, out)
      for (let n = 0; n < 10; n++) sink.write(`{"num":${n}}`, { kind: 'estimate', key: 'k' })
      expect([valve.open, sink.status.dropped]).toEqual([policy !== 'block', dropped])
      reading = true
      go()
      await sink.close()
      expect(valve.open).toBe(true)
      expect(text).toBe(given.map(n => `{"num":${n}}\n`).join(''))
    },
  )
})
