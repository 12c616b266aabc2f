import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import ts from 'typescript'
import { Child, contraflow, ROOT } from './cli.js'
import { type Seen, startProbed } from './probe.js'
import { startServer } from './sockets.js'
import type { SubscribersReport } from './subscribers-process.js'
import { temporaryDirectory } from './temporary.js'

export interface ServingOptions {
  readonly subscribers: number
  /** Of them, those that never read. */
  readonly stalled: number
  readonly observations: number
  /** Observations a second. */
  readonly rate: number
}

export interface Serving extends SubscribersReport {
  /** Seconds until all that never read had been sent away; undefined when they were not. */
  readonly evictedAfter: number | undefined
  readonly evicted: number
  /** Estimates of the run with subscribers, and of a replay of its observations without any, as text. */
  readonly served: string
  readonly alone: string
  /** What the process of the pipeline saw of itself while it served. */
  readonly seen: Seen
  /** The most bytes that waited for subscribers, by what /metrics said. */
  readonly buffered: number
}

/** Seconds between pings: at a few kilobytes a second only they show who does not read. */
const HEARTBEAT = 2
/** Milliseconds after which nobody will be sent away any more. */
const PATIENCE = 30_000

/**
 * A pipeline as users run it: a feed over WebSocket, `contraflow run` in a process of its own, subscribers in another; then the
 * same observations once more without subscribers.
 */
export async function serveForReal({ subscribers, stalled, observations, rate }: ServingOptions): Promise<Serving> {
  const cwd = temporaryDirectory()
  const feed = await startServer()
  writeFileSync(join(cwd, 'contraflow.yaml'), pipeline(feed.url, subscribers))
  const { run: pipelineRun, look } = startProbed(['run', '--json'], cwd)
  await pipelineRun.says('stderr', /estimates on (\S+)/)
  const url = /estimates on (\S+)/.exec(pipelineRun.stderr)![1]!
  const source = await feed.connection()
  const clients = new Child(process.execPath, [
    processScript('subscribers-process'),
    url,
    String(subscribers),
    String(stalled),
  ])
  await clients.says('stdout', /ready/)
  await look()

  const begin = performance.now()
  const metrics = async () => {
    const response = await fetch(`${url.replace('ws:', 'http:')}/metrics`)
    return ((await response.json()) as { publisher: { evicted: number; published: number; buffered: number } })
      .publisher
  }
  let [evictedAfter, evicted] = [stalled === 0 ? 0 : undefined, 0] as [number | undefined, number]
  const sent: string[] = []
  let most = 0
  const lookForEvicted = async () => {
    const now = await metrics()
    evicted = now.evicted
    most = Math.max(most, now.buffered)
    if (evicted >= stalled) evictedAfter ??= (performance.now() - begin) / 1000
  }
  for (let i = 0; i < observations; i++) {
    // A rate is what is asked for here; nothing waits for the time to pass.
    await delay(Math.max(0, begin + (i * 1000) / rate - performance.now()))
    const t = (performance.timeOrigin + performance.now()) / 1000
    sent.push(JSON.stringify({ t, y: [Math.sin(i / 9), Math.cos(i / 7), (i * i) % 5] }))
    source.send(sent[i]!)
    if (i % Math.ceil(rate / 4) === 0) await lookForEvicted()
  }
  while ((await metrics()).published < observations) await delay(20)
  while (evicted < stalled && performance.now() - begin < PATIENCE) {
    await delay(100)
    await lookForEvicted()
  }
  const seen = await look()
  // The clients have what was sent to them before they are asked: the same connections carry it in order.
  await delay(500)
  clients.process.stdin.write('report\n')
  const report = JSON.parse((await clients.finished).stdout.split('\n')[1]!) as SubscribersReport
  pipelineRun.process.kill('SIGTERM')
  await pipelineRun.finished

  writeFileSync(join(cwd, 'sent.ndjson'), `${sent.join('\n')}\n`)
  const replay = await contraflow(['replay', 'sent.ndjson', '--output', 'alone.ndjson', '-q'], { cwd })
  if (replay.code !== 0) throw new Error(replay.stderr)
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8')
  return {
    ...report,
    evictedAfter,
    evicted,
    seen,
    buffered: most,
    served: read('served.ndjson'),
    alone: read('alone.ndjson'),
  }
}

function pipeline(url: string, subscribers: number): string {
  return JSON.stringify({
    source: { kind: 'websocket', url },
    sinks: [
      { kind: 'ndjson', path: 'served.ndjson' },
      { kind: 'websocket', port: 0, heartbeat: HEARTBEAT, maxSubscribers: subscribers },
    ],
  })
}

/** The script of a process of its own in this folder, compiled. @param name Of the file, without `.ts`. */
export function processScript(name: string): string {
  const folder = join(ROOT, 'dist', 'test-support')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}-${process.pid}.mjs`)
  const code = readFileSync(join(ROOT, `test/support/${name}.ts`), 'utf8')
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  writeFileSync(path, ts.transpileModule(code, { compilerOptions: options }).outputText)
  return path
}

/** The value below which a share of the ascending values lies. */
export function quantile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(share * values.length))]!
}
