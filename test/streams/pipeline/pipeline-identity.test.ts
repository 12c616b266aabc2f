import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { PipelineConfig } from '../../../src/config/pipeline.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { simulate } from '../../../streams/simulate/simulate.js'
import { shell } from '../../support/cli.js'
import { readLines, runToFile, writeLog } from '../../support/pipelines.js'
import { closedPort, startServer, TestClient } from '../../support/sockets.js'
import { temporaryDirectory, temporaryFile } from '../../support/temporary.js'

const SYSTEM = { system: 'van-der-pol', count: 250, seed: 3, missing: 0.1 } as const
const lines = [...simulate(SYSTEM)]
/** The defaults of everything, and forecasts. */
const CONFIG = { model: {}, learn: {}, forecast: { every: 5, horizon: 2, points: 3 } } satisfies PipelineConfig
const run = (source: NonNullable<PipelineConfig['source']>) => runToFile({ ...CONFIG, source })

describe('the same observations give the same bytes', () => {
  /** What the others are compared with. */
  let expected = ''

  it('from a simulation', async () => {
    const { estimates, messages, output } = await run({ kind: 'simulate', ...SYSTEM })
    expect(estimates).toHaveLength(250)
    expect(messages.length).toBeGreaterThan(255)
    expect(output).not.toContain('rejected')
    expected = output
  })

  it('from a file, replayed twice', async () => {
    const source = { kind: 'log', path: writeLog(lines) } as const
    expect((await run(source)).output).toBe(expected)
    expect((await run(source)).output).toBe(expected)
  })

  it('from a compressed file', async () => {
    const path = temporaryFile('log.ndjson.gz')
    writeFileSync(path, gzipSync(lines.join('\r\n')))
    expect((await run({ kind: 'log', path })).output).toBe(expected)
  })

  it('from a WebSocket', async () => {
    const { url } = await startServer(socket => {
      for (const line of lines) socket.send(line)
      socket.close(1000)
    })
    const live = await run({ kind: 'websocket', url, reconnect: false })
    expect(live.output).toBe(expected)
  })

  it('from a WebSocket that breaks again and again, when the server goes on where it was', async () => {
    let next = 0
    const { url } = await startServer(socket => {
      const end = Math.min(next + 40, lines.length)
      const last = end === lines.length
      while (next < end) {
        const done = next === end - 1 ? () => (last ? undefined : socket.terminate()) : undefined
        socket.send(lines[next++]!, done)
      }
    })
    const stop = new AbortController()
    const { output } = await runToFile(
      { ...CONFIG, source: { kind: 'websocket', url } },
      { signal: stop.signal, random: () => 0, onEstimate: (_, { estimates }) => estimates === 250 && stop.abort() },
    )
    expect(output).toBe(expected)
  })

  it('from one process to another over a pipe', async () => {
    const directory = temporaryDirectory()
    writeFileSync(`${directory}/p.yaml`, 'forecast: { every: 5, horizon: 2, points: 3 }\n')
    const { code, stderr } = await shell(
      'contraflow simulate van-der-pol -n 250 --seed 3 --missing 0.1 | contraflow replay - -q -c p.yaml -o out.ndjson',
      { cwd: directory },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readFileSync(`${directory}/out.ndjson`, 'utf8')).toBe(expected)
  })

  it('to a file and to a subscriber', async () => {
    const port = await closedPort()
    const { url, connection } = await startServer()
    const path = temporaryFile()
    const running = runPipeline({
      ...CONFIG,
      source: { kind: 'websocket', url, reconnect: false },
      sinks: [
        { kind: 'ndjson', path },
        { kind: 'websocket', port },
      ],
    })
    // Sinks are open before the feed is.
    const feed = await connection()
    const client = await TestClient.connect(`ws://127.0.0.1:${port}`)
    for (const line of lines) feed.send(line)
    feed.close(1000)
    await running
    expect(await client.closed).toBe(1001)
    expect(client.texts).toEqual(readLines(path))
    expect(readFileSync(path, 'utf8')).toBe(expected)
  })
})
