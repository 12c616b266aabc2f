import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { standardOutputSink } from '../../../streams/sinks/standard-output.js'
import { Valve } from '../../../streams/valve.js'

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
})
