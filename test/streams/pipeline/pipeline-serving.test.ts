import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PipelineConfig } from '../../../src/config/pipeline.js'
import type { Forecast } from '../../../src/estimate.js'
import { type PipelineOptions, runPipeline } from '../../../streams/pipeline/pipeline.js'
import { startContraflow } from '../../support/cli.js'
import { HandClock } from '../../support/hand-clock.js'
import { oscillationMessages } from '../../support/observations.js'
import { readLines, SMALL } from '../../support/pipelines.js'
import { AdvancingClock, upgrade } from '../../support/publisher.js'
import { startServer, TestClient } from '../../support/sockets.js'
import { temporaryDirectory, temporaryFile } from '../../support/temporary.js'

const lines = oscillationMessages(40)

/** A pipeline that learns from a WebSocket and serves on another. */
async function serve(
  config: Partial<PipelineConfig> = {},
  options: PipelineOptions = {},
  source: (url: string) => PipelineConfig['source'] = url => ({ kind: 'websocket', url }),
) {
  const feed = await startServer()
  const stop = new AbortController()
  let tell: (url: string) => void = () => {}
  const published = new Promise<string>(resolve => {
    tell = resolve
  })
  const ended = runPipeline(
    { ...SMALL, source: source(feed.url)!, sinks: [{ kind: 'websocket', port: 0 }], ...config },
    {
      ...options,
      // No waiting before a reconnect.
      random: () => 0,
      signal: stop.signal,
      log: line => {
        const url = /^estimates on (\S+)/.exec(line)?.[1]
        if (url) tell(url)
        options.log?.(line)
      },
    },
  )
  onTestFinished(async () => {
    stop.abort()
    await ended
  })
  const url = await published
  const http = url.replace('ws:', 'http:')
  const ready = async () => {
    const response = await fetch(`${http}/ready`)
    return { status: response.status, ...((await response.json()) as object) }
  }
  const metrics = async () =>
    (await (await fetch(`${http}/metrics`)).json()) as { pipeline: Record<string, unknown>; silent: number }
  return { feed, url, ready, metrics, stop, ended }
}

describe('a pipeline that serves', () => {
  it('is ready when its feed is connected, and no longer when it is not', async () => {
    const { feed, ready } = await serve()
    const first = await feed.connection()
    while ((await ready()).status !== 200) await turn()
    expect(await ready()).toMatchObject({ ready: true, connected: true, keys: 0, lastObservationAge: null })
    first.send(lines[0]!)
    while (((await ready()) as { keys?: number }).keys !== 1) await turn()
    expect(((await ready()) as { lastObservationAge?: number }).lastObservationAge).toBeGreaterThanOrEqual(0)
    // Gone for good: nobody answers any more.
    feed.server.close()
    first.terminate()
    while ((await ready()).status !== 503) await turn()
    expect(await ready()).toMatchObject({ ready: false, connected: false })
  })

  it('F01: shows how often it has connected, and what is missing in between', async () => {
    const source = (url: string) =>
      ({ kind: 'websocket', url, resume: { sequence: '/seq', consecutive: true } }) as const
    const { feed, metrics } = await serve({}, {}, source)
    const numbered = (n: number) => JSON.stringify({ t: n, y: [n % 3], seq: n })
    const first = await feed.connection()
    for (const n of [1, 2, 5]) first.send(numbered(n))
    while ((await metrics()).pipeline.received !== 3) await turn()
    first.terminate()
    const second = await feed.connection()
    for (const n of [5, 6, 10]) second.send(numbered(n))
    while ((await metrics()).pipeline.received !== 5) await turn()
    expect((await metrics()).pipeline.feed).toEqual({ connections: 2, missing: 5 })
  })

  it('F04: says of a forecast that its key is silent, and counts silent keys, until they speak again', async () => {
    const clock = new HandClock()
    const { feed, url, metrics } = await serve({ learn: { ...SMALL.learn, idle: 30 } }, { clock })
    const client = await TestClient.connect(url, ['contraflow.v1'])
    await client.has(1)
    const source = await feed.connection()
    const hear = async (t: number) => {
      source.send(JSON.stringify({ key: 'a', t, y: [Math.sin(t)] }))
      while ((await metrics()).pipeline.received !== t + 1) await turn()
    }
    const found = async () => {
      const { stale, t, forecast } = await client.ask({ forecast: { key: 'a', horizon: 5, points: 2 } })
      return { stale, t, points: (forecast as unknown[]).length, silent: (await metrics()).silent }
    }
    for (let t = 0; t < 12; t++) await hear(t)
    expect(await found()).toEqual({ stale: undefined, t: 11, points: 2, silent: 0 })
    await clock.advance(40)
    expect(await found()).toEqual({ stale: true, t: 11, points: 2, silent: 1 })
    await hear(12)
    expect(await found()).toEqual({ stale: undefined, t: 12, points: 2, silent: 0 })
  })

  it('F22, F23: is degraded while too many messages cannot be used, says why, and is well again afterwards', async () => {
    const clock = new AdvancingClock()
    const logs: string[] = []
    const source = (url: string) => ({ kind: 'websocket', url, rejects: { share: 0.2, window: 10 } }) as const
    const { feed, url, ready } = await serve({}, { clock, log: line => logs.push(line) }, source)
    const server = await feed.connection()
    const health = async () =>
      (await (await fetch(`${url.replace('ws:', 'http:')}/health`)).json()) as { status: string }
    for (const line of lines.slice(0, 30)) server.send(line)
    // Another type, and a column too many.
    for (let n = 0; n < 4; n++) server.send(`{"t":${n},"y":["1","2"]}`)
    for (let n = 0; n < 6; n++) server.send(`{"t":${100 + n},"y":[1,2,3]}`)
    while ((await health()).status === 'ok') await turn()
    const sentence =
      '10 of the last 40 messages could not be used, 6 of them with OBSERVATION_CHANNELS: expected the channels of the pipeline file.'
    expect(await ready()).toMatchObject({
      ready: true,
      health: {
        status: 'degraded',
        reasons: [{ code: 'OBSERVATION_CHANNELS', sentence: expect.stringContaining(sentence) }],
      },
    })
    clock.advance(10_000)
    for (const line of lines.slice(30)) server.send(line)
    while ((await health()).status !== 'ok') await turn()
    expect(await health()).toEqual({ status: 'ok', reasons: [] })
  })

  it('F22: says to the operator once that it is degraded, and once that it is well again', async () => {
    const clock = new AdvancingClock()
    const logs: string[] = []
    const { feed, metrics } = await serve({}, { clock, log: line => logs.push(line) })
    const server = await feed.connection()
    const send = async (texts: readonly string[], received: number) => {
      for (const text of texts) server.send(text)
      while ((await metrics()).pipeline.received !== received) await turn()
    }
    await send([lines[0]!, ...new Array(99).fill('garbage')], 100)
    clock.advance(1000)
    await send(new Array(50).fill('garbage'), 150)
    clock.advance(1000)
    await send(new Array(50).fill('garbage'), 200)
    // Said at the twentieth, whether anything follows or not, and not again.
    expect(logs.filter(line => /degraded|well/.test(line))).toHaveLength(1)
    clock.advance(60_000)
    await send([lines[1]!], 201)
    clock.advance(1000)
    await send([lines[2]!], 202)
    expect(logs.filter(line => /degraded|well/.test(line))).toEqual([
      expect.stringMatching(/^degraded: 19 of the last 20 messages could not be used \(OBSERVATION_NOT_JSON\)/),
      'well again',
    ])
  })

  it('accounts over HTTP for every message, dead ones too', async () => {
    const { feed, url, metrics } = await serve()
    const client = await TestClient.connect(url)
    const source = await feed.connection()
    for (const line of [...lines.slice(0, 10), 'oops', '{"t":3,"y":[0,0]}']) source.send(line)
    await client.has(10)
    while ((await metrics()).pipeline.received !== 12) await turn()
    expect((await metrics()).pipeline).toMatchObject({
      received: 12,
      ignored: 0,
      estimates: 10,
      deadLetters: { OBSERVATION_NOT_JSON: 1, OBSERVATION_LATE: 1 },
      checkpoints: { written: 0, failed: 0 },
    })
  })

  it('knows the age of its checkpoint', async () => {
    const directory = temporaryDirectory()
    const { feed, ready } = await serve({ checkpoint: { directory, every: 1000 } })
    await feed.connection()
    while ((await ready()).status !== 200) await turn()
    expect(((await ready()) as { checkpointAge?: number }).checkpointAge).toBeGreaterThanOrEqual(0)
  })

  it('makes forecasts on request from what it has learned, and learns on as if nobody had asked', async () => {
    const path = temporaryFile()
    const sinks = [
      { kind: 'ndjson', path },
      { kind: 'websocket', port: 0 },
    ] as const
    const { feed, url, stop, ended } = await serve({ sinks: [...sinks] })
    const client = await TestClient.connect(url, ['contraflow.v1'])
    await client.has(1)
    expect(await client.ask({ forecast: { key: 'default', horizon: 5 } })).toMatchObject({
      error: { code: 'KEY_UNKNOWN' },
    })
    const watcher = await TestClient.connect(url)
    const source = await feed.connection()
    for (const [i, line] of lines.entries()) {
      source.send(line)
      await watcher.has(i + 1)
      if (i < 10) continue
      const answer = (await client.ask({ forecast: { key: 'default', horizon: 4, points: 2 } })) as unknown as Forecast
      expect(answer).toMatchObject({ key: 'default', t: i })
      expect(answer.forecast.map(({ t }) => t)).toEqual([i + 2, i + 4])
    }
    stop.abort()
    await ended
    const alone = temporaryFile()
    const server = await startServer(socket => {
      for (const line of lines) socket.send(line)
      socket.close(1000)
    })
    await runPipeline({
      ...SMALL,
      source: { kind: 'websocket', url: server.url, reconnect: false },
      sinks: [{ kind: 'ndjson', path: alone }],
    })
    expect(readLines(path)).toEqual(readLines(alone))
    expect(readLines(path)).toHaveLength(lines.length)
  })

  it('X3, F54: goes on whatever its callbacks throw, log lines and subscribers included', async () => {
    const fail = () => {
      throw new Error('of the user')
    }
    const { feed, url, metrics } = await serve({}, { onEstimate: fail, onDeadLetter: fail, log: fail })
    const client = await TestClient.connect(url)
    const source = await feed.connection()
    for (const line of [...lines.slice(0, 5), 'oops', ...lines.slice(5, 10)]) source.send(line)
    await client.has(10)
    expect((await metrics()).pipeline).toMatchObject({ received: 11, estimates: 10 })
  })

  it('S13, F35: says its token nowhere: not in what it prints, writes, serves or refuses', async () => {
    const canary = 'canary-b81f0a7e55c94d'
    const cwd = temporaryDirectory()
    const config = {
      source: { kind: 'stdin' },
      sinks: [
        { kind: 'ndjson', path: 'out.ndjson' },
        { kind: 'websocket', port: 0, token: { env: 'CANARY' } },
      ],
    }
    process.env.CANARY = canary
    onTestFinished(() => {
      delete process.env.CANARY
    })
    const { writeFileSync } = await import('node:fs')
    writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(config))
    const run = startContraflow(['run', '--json'], { cwd })
    await run.says('stderr', /estimates on \S+/)
    const url = /estimates on (\S+)/.exec(run.stderr)![1]!
    const port = Number(new URL(url).port)
    const headers = { Authorization: `Bearer ${canary}` }
    const client = await TestClient.connect(url, ['contraflow.v1'], { headers })
    await client.has(1)
    const answers: unknown[] = [
      await client.ask({ token: `${canary}x` }),
      await client.ask({ token: [canary] }),
      await client.ask(`{"token":"${canary}`),
      await upgrade(port, { Authorization: `Bearer ${canary}x` }),
      await upgrade(port, { Origin: `https://${canary}.example`, ...headers }),
      await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text(),
      await (await fetch(`http://127.0.0.1:${port}/${canary}`)).text(),
    ]
    run.process.stdin.end(`${lines.join('\n')}\n`)
    const { code, stdout, stderr } = await run.finished
    expect(code).toBe(0)
    for (const text of [stdout, stderr, ...readLines(`${cwd}/out.ndjson`), JSON.stringify(answers)])
      expect(text).not.toContain(canary)
  })
})
