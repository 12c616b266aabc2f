import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startContraflow } from '../support/cli.js'
import { oscillationMessages } from '../support/observations.js'
import { startServer, TestClient } from '../support/sockets.js'
import { temporaryDirectory } from '../support/temporary.js'

const lines = oscillationMessages(25)
const SIGNALS = [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const

function directory(config: object): string {
  const cwd = temporaryDirectory()
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(config))
  writeFileSync(`${cwd}/log.ndjson`, ['{"t":0,"y":[1]}', '{"t":1e6,"y":[1]}'].join('\n'))
  return cwd
}

describe.each(SIGNALS)('%s', (signal, exitCode) => {
  it('ends a run on a live feed in good order: what has come in is learned and sent out', async () => {
    const { url, connection } = await startServer(socket => {
      for (const line of [...lines, 'the last one']) socket.send(line)
    })
    // Nothing comes out before the end, because all of it may still be late.
    const learn = { warmup: 5, allowedLateness: 1000 }
    const child = startContraflow(['run'], {
      cwd: directory({ source: { kind: 'websocket', url }, learn }),
    })
    const socket = await connection()
    await child.says('stderr', /OBSERVATION_NOT_JSON/)
    const closed = new Promise(resolve => socket.once('close', resolve))
    child.process.kill(signal)
    const { code, signal: killedBy, stdout, stderr } = await child.finished
    expect({ code, killedBy }).toEqual({ code: 0, killedBy: null })
    expect(stdout.trimEnd().split('\n')).toHaveLength(25)
    expect(stderr).toContain('26 messages, 25 estimates')
    expect(await closed).toBe(1000)
  })

  it('wakes a replay that waits for the time of its next observation', async () => {
    const child = startContraflow(['replay', 'log.ndjson', '-s', '1'], { cwd: directory({}) })
    await child.says('stdout', /"t":0/)
    child.process.kill(signal)
    const { code, stdout, stderr } = await child.finished
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(stderr).toContain('1 messages, 1 estimates')
  })

  it('ends a run that reads standard input', async () => {
    const child = startContraflow(['run'], { cwd: directory({}) })
    child.process.stdin.write(`${lines.join('\n')}\n`)
    await child.says('stdout', /"t":24/)
    child.process.kill(signal)
    expect(await child.finished).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('25 messages, 25 estimates'),
    })
  })

  it('ends the process at once when it comes a second time', async () => {
    const { url } = await startServer()
    const config = { source: { kind: 'websocket', url }, sinks: [{ kind: 'websocket', port: 0 }] }
    const child = startContraflow(['run'], { cwd: directory(config) })
    await child.says('stderr', /estimates on ws:\S+\n/)
    const address = /estimates on (ws:\S+)/.exec(child.stderr)![1]!
    // One subscriber that answers, and one that the goodbye waits for.
    const [reader, stalled] = [await TestClient.connect(address), await TestClient.connect(address)]
    stalled.socket.pause()
    child.process.kill(signal)
    expect(await reader.closed).toBe(1001)
    child.process.kill(signal)
    expect(await child.finished).toMatchObject({ code: exitCode, signal: null })
  })
})
