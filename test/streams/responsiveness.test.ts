import { describe, expect, it, onTestFinished } from 'vitest'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { oscillationMessages } from '../support/observations.js'
import { SMALL, writeLog } from '../support/pipelines.js'
import { startServer, TestClient } from '../support/sockets.js'
import { temporaryFile } from '../support/temporary.js'

/** The most estimates, and the longest time in milliseconds, between two turns of the event loop while a pipeline runs. */
async function longestTurn(config: PipelineConfig): Promise<{ estimates: number; milliseconds: number }> {
  let [now, most, since, longest] = [0, 0, performance.now(), 0]
  let turn: NodeJS.Immediate
  const nextTurn = () => {
    since = performance.now()
    now = 0
    turn = setImmediate(nextTurn)
  }
  nextTurn()
  onTestFinished(() => clearImmediate(turn))
  await runPipeline(config, {
    onEstimate: () => {
      most = Math.max(most, ++now)
      // Of the work of this one, so that a machine that is busy with others counts once only.
      longest = Math.max(longest, performance.now() - since)
    },
  })
  return { estimates: most, milliseconds: longest }
}

describe('the event loop', () => {
  const count = 400
  const sinks = () => [{ kind: 'ndjson', path: temporaryFile() } as const]

  it('S33, F51: is free every few milliseconds while a burst that came in one piece is learned', async () => {
    const { url } = await startServer(socket => {
      for (const line of oscillationMessages(count)) socket.send(line)
      socket.close(1000)
    })
    const source = { kind: 'websocket', url, reconnect: false } as const
    const { estimates, milliseconds } = await longestTurn({ ...SMALL, source, sinks: sinks() })
    // All of it takes a few hundredths of a second, a turn a few thousandths.
    expect(estimates).toBeLessThan(count)
    expect(milliseconds).toBeLessThan(500)
  })

  it('F51: is free every few milliseconds while a log is learned as fast as it can be', async () => {
    const source = { kind: 'log', path: writeLog(oscillationMessages(4 * count)) } as const
    const { estimates, milliseconds } = await longestTurn({ source, sinks: sinks() })
    // All of it takes a second or more.
    expect(estimates).toBeLessThan(count)
    expect(milliseconds).toBeLessThan(500)
  })

  it('F51: answers subscribers in the middle of it, and evicts nobody', async () => {
    const path = writeLog(oscillationMessages(20 * count))
    let published: (url: string) => void = () => {}
    const url = new Promise<string>(resolve => {
      published = resolve
    })
    let estimates = 0
    const stop = new AbortController()
    const run = runPipeline(
      {
        source: { kind: 'log', path },
        sinks: [{ kind: 'websocket', port: 0 }, ...sinks()],
      },
      {
        signal: stop.signal,
        log: line => published(line.replace('estimates on ', '')),
        onEstimate: () => estimates++,
      },
    )
    const client = await TestClient.connect(await url, ['contraflow.v1'])
    await client.has(1)
    for (let i = 0; i < 20; i++) expect(await client.ask({ ping: i })).toEqual({ pong: i })
    // It had not ended before all were answered.
    expect(estimates).toBeLessThan(20 * count)
    stop.abort()
    await run
    expect(await client.closed).toBe(1001)
  })
})
