import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { PipelineConfig } from '../../../src/config/pipeline.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { StandingClock } from '../../support/clock.js'
import { oscillationMessages } from '../../support/observations.js'
import { readLines, runToFile, SMALL, writeLog } from '../../support/pipelines.js'
import { closedPort, startServer } from '../../support/sockets.js'
import { temporaryDirectory, temporaryFile } from '../../support/temporary.js'

const lines = oscillationMessages(60)
/** Would take minutes. */
const ENDLESS = { kind: 'simulate', system: 'pendulum', count: 1_000_000 } as const

/** Does anybody listen on this port? */
async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

describe('runPipeline, stopped by its signal', () => {
  it('learns what has come in, sends it out, and closes the file', async () => {
    const stop = new AbortController()
    const { progress, estimates } = await runToFile(
      { source: ENDLESS },
      { signal: stop.signal, onEstimate: (_, state) => state.estimates === 123 && stop.abort() },
    )
    expect(progress).toMatchObject({ received: 123, estimates: 123 })
    expect(estimates).toHaveLength(123)
  })

  it('also learns what was held back for late observations', async () => {
    const stop = new AbortController()
    const clock = new StandingClock()
    const running = runToFile(
      {
        source: { kind: 'log', path: writeLog(lines), speed: 1 },
        learn: { ...SMALL.learn, allowedLateness: 100 },
      },
      { signal: stop.signal, clock },
    )
    await clock.asleep
    stop.abort()
    const { progress, estimates } = await running
    expect(progress).toMatchObject({ received: 1, estimates: 1 })
    expect(estimates.map(({ t }) => t)).toEqual([0])
  })

  it('ends at once when it was stopped before it began', async () => {
    const { progress, output } = await runToFile({ source: ENDLESS }, { signal: AbortSignal.abort() })
    expect(progress.received).toBe(0)
    expect(output).toBe('')
  })

  it('closes its connections in good order', async () => {
    const stop = new AbortController()
    const port = await closedPort()
    const { url, connection } = await startServer(socket => {
      for (const line of lines) socket.send(line)
    })
    const running = runPipeline(
      { ...SMALL, source: { kind: 'websocket', url }, sinks: [{ kind: 'websocket', port }] },
      { signal: stop.signal, onEstimate: (_, { estimates }) => estimates === 60 && stop.abort() },
    )
    const closed = once(await connection(), 'close')
    await running
    expect((await closed)[0]).toBe(1000)
    expect(await listens(port)).toBe(false)
  })
})

describe('runPipeline, failures', () => {
  it('ends with the error of the source, after what came before it has been sent', async () => {
    const source = { kind: 'log', path: temporaryFile('torn.gz') } as const
    writeFileSync(source.path, gzipSync(`${lines.join('\n')}\n`).subarray(0, -8))
    const path = temporaryFile()
    const running = runPipeline({ ...SMALL, source, sinks: [{ kind: 'ndjson', path }] })
    await expect(running).rejects.toMatchObject({ code: 'FILE_DAMAGED', place: source.path })
    expect(readLines(path)).toHaveLength(60)
  })

  it('ends with the error of a sink that fails, and stops the source', async () => {
    const good = temporaryFile()
    const received: number[] = []
    const running = runPipeline(
      {
        ...SMALL,
        source: ENDLESS,
        sinks: [
          { kind: 'ndjson', path: good },
          { kind: 'ndjson', path: '/dev/full' },
        ],
      },
      { onEstimate: (_, progress) => received.push(progress.received) },
    )
    await expect(running).rejects.toMatchObject({ code: 'SINK_FAILED', place: '/dev/full' })
    expect(received.length).toBeLessThan(10_000)
    // What the good sink got is whole.
    expect(readLines(good)).toHaveLength(received.length)
  })

  it('ends with the error of a sink that fails at the very end', async () => {
    const source = { kind: 'log', path: writeLog(lines.slice(0, 3)) } as const
    const running = runPipeline({ ...SMALL, source, sinks: [{ kind: 'ndjson', path: '/dev/full' }] })
    await expect(running).rejects.toMatchObject({ code: 'SINK_FAILED' })
  })

  it('ends with the error of the file for dead letters', async () => {
    const source = { kind: 'log', path: writeLog(['oops', ...lines]) } as const
    const running = runPipeline({ ...SMALL, source, sinks: [], deadLetters: { path: '/dev/full' } })
    await expect(running).rejects.toMatchObject({ code: 'SINK_FAILED', place: '/dev/full' })
  })

  const missing = () => `${temporaryDirectory()}/missing/file`
  const unopened: [what: string, config: () => PipelineConfig][] = [
    ['a sink', () => ({ sinks: [{ kind: 'ndjson', path: missing() }] })],
    ['the file for dead letters', () => ({ sinks: [], deadLetters: { path: missing() } })],
  ]
  it.each(unopened)(
    'leaves nothing open when %s cannot be opened, and does not touch the source',
    async (_what, config) => {
      const port = await closedPort()
      const { url, server } = await startServer()
      let connections = 0
      server.on('connection', () => connections++)
      const { sinks = [], ...rest } = config()
      const running = runPipeline({
        ...rest,
        source: { kind: 'websocket', url },
        sinks: [{ kind: 'websocket', port }, ...sinks],
      })
      await expect(running).rejects.toMatchObject({ code: 'SINK_FAILED' })
      expect(await listens(port)).toBe(false)
      expect(connections).toBe(0)
    },
  )

  it('takes nothing more from its source while the reader of its output does not read', async () => {
    const path = temporaryFile('fifo')
    execFileSync('mkfifo', [path])
    const reader = createReadStream(path)
    let received = 0
    const running = runPipeline(
      { ...SMALL, source: { ...ENDLESS, count: 2000 }, sinks: [{ kind: 'ndjson', path }] },
      { onEstimate: (_, progress) => (received = progress.received) },
    )
    // Every turn of the event loop has some milliseconds of learning in it, until nothing more fits into the pipe.
    for (let still = 0, before = 0; still < 50 || received === 0; before = received) {
      await turn()
      still = received === before ? still + 1 : 0
    }
    // 64 KiB in the pipe, 16 KiB and one chunk in the stream; a line has about 300 bytes.
    expect(received).toBeLessThan(1000)
    expect((await text(reader)).split('\n')).toHaveLength(2001)
    expect(await running).toMatchObject({ received: 2000, estimates: 2000 })
  })
})
