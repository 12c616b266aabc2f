import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { OverflowPolicy } from '../../src/names.js'
import type { Accounting } from '../../streams/accounting.js'
import { startContraflow } from './cli.js'
import { quantile } from './serving.js'
import { startServer, TestClient } from './sockets.js'
import { temporaryDirectory } from './temporary.js'

export interface Bursting {
  readonly policy: OverflowPolicy
  /** Messages a second before, during and after the burst, and how long each of these takes, in seconds; there may be a warm-up in front. */
  readonly phases: readonly { readonly rate: number; readonly seconds: number }[]
  readonly limit: number
  /** Seconds in which the peak is looked for, after as many of warm-up. Default 0: it is not. */
  readonly peakFor?: number
  readonly workers?: number
  /** Megabytes of heap that the process may have. */
  readonly heap?: number
}

export interface BurstReport {
  readonly sent: number
  readonly accounting: Accounting
  /** The fullest that the queue has been, of 1, by what /metrics said. */
  readonly fullest: number
  /** Growth of the resident memory from before the burst on, MiB. */
  readonly growth: number
  /** Seconds from sending a message to its estimate at a subscriber, ascending, by phase of the sending. */
  readonly delays: readonly (readonly number[])[]
  /** Seconds after the burst from which on no estimate was later than the slowest one percent before it. */
  readonly recovered: number
  /** Observations learned or skipped a second in each phase, by /metrics. */
  readonly goodput: readonly number[]
  /** The same while just so much was offered as could be learned: half a queue on its way at a time. */
  readonly peak: number | undefined
}

/** A pipeline in a process of its own, a feed that bursts over a real socket, and a subscriber that watches the clock. */
export async function burstForReal({
  policy,
  phases,
  limit,
  workers,
  heap,
  peakFor = 0,
}: Bursting): Promise<BurstReport> {
  const cwd = temporaryDirectory()
  const feed = await startServer()
  const config = {
    source: { kind: 'websocket', url: feed.url, overflow: { policy, limit }, timeCheck: false },
    channels: ['x', 'v'],
    learn: { allowedLateness: 0 },
    sinks: [{ kind: 'websocket', port: 0 }],
    ...(workers && { workers }),
  }
  writeFileSync(join(cwd, 'contraflow.yaml'), JSON.stringify(config))
  const run = withHeap(heap, () => startContraflow(['run', '--json'], { cwd }))
  await run.says('stderr', /estimates on (\S+)/)
  const url = /estimates on (\S+)/.exec(run.stderr)![1]!
  const source = await feed.connection()
  const client = await TestClient.connect(url)
  const now = () => (performance.timeOrigin + performance.now()) / 1000
  const delays: number[][] = phases.map(() => [])
  const ends: number[] = []
  const goodput: number[] = []
  let estimates = 0
  let phase = 0
  /** When an estimate came that was later than those before the burst. */
  let lastSlow = 0
  let tolerable = Number.POSITIVE_INFINITY
  client.socket.on('message', (data: Buffer) => {
    const { t } = JSON.parse(data.toString()) as { t: number }
    const sentIn = ends.filter(end => end < t).length
    const took = now() - t
    delays[Math.min(sentIn, phases.length - 1)]!.push(took)
    estimates++
    if (took > tolerable) lastSlow = now()
  })
  const metrics = async () => {
    const response = await fetch(`${url.replace('ws:', 'http:')}/metrics`, { headers: { Connection: 'close' } })
    return (await response.json()) as {
      load: { fills: { queue: number } }
      pipeline: { received: number; queued: number; learned: number; skipped: number }
    }
  }
  const resident = () => Number(readFileSync(`/proc/${run.process.pid}/statm`, 'utf8').split(' ')[1]) / 256
  /** The phase before the burst. */
  const quiet = phases.length - 3
  let [sent, fullest, before, most] = [0, 0, 0, 0]
  /** Resolves when everything that was sent has been learned or dropped. */
  const settled = async () => {
    for (;;) {
      const { received, queued } = (await metrics()).pipeline
      if (received >= sent && queued === 0) return
      await delay(20)
    }
  }
  const send = () => source.send(`{"key":"k${sent % 8}","t":${now() + sent++ * 1e-9},"y":[${Math.sin(sent / 9)},1]}`)
  const used = async () => {
    const { learned, skipped } = (await metrics()).pipeline
    return learned + skipped
  }
  const peak = async (seconds: number) => {
    const [first, begin] = [await used(), performance.now()]
    while (performance.now() - begin < 1000 * seconds) {
      while (sent - estimates < limit / 2) send()
      await delay(1)
    }
    return ((await used()) - first) / ((performance.now() - begin) / 1000)
  }
  // Compiled first.
  if (peakFor > 0) await peak(peakFor)
  const highest = peakFor > 0 ? await peak(peakFor) : undefined
  await settled()
  for (const { rate, seconds } of phases) {
    if (phase > 0 && phase === quiet) await settled()
    const [first, begin] = [await used(), performance.now()]
    let asked = begin
    for (let done = 0; done < rate * seconds; ) {
      const due = Math.min(rate * seconds, Math.ceil(((performance.now() - begin) / 1000) * rate))
      for (; done < due; done++) send()
      if (performance.now() - asked > 100) {
        asked = performance.now()
        fullest = Math.max(fullest, (await metrics()).load.fills.queue ?? 0)
        if (phase > quiet) most = Math.max(most, resident())
      }
      // A rate is what is asked for here; nothing waits for the time to pass.
      await delay(2)
    }
    ends.push(now())
    goodput.push(((await used()) - first) / ((performance.now() - begin) / 1000))
    phase++
    if (phase === quiet + 1) {
      before = resident()
      tolerable = Math.max(
        0.05,
        quantile(
          [...delays[quiet]!].sort((a, b) => a - b),
          0.99,
        ) * 2,
      )
    }
  }
  await settled()
  run.process.kill('SIGTERM')
  const { stderr } = await run.finished
  const { accounting } = JSON.parse(stderr.trimEnd().split('\n').at(-1)!) as { accounting: Accounting }
  return {
    sent,
    accounting,
    fullest,
    growth: Math.max(0, most - before),
    delays: delays.slice(quiet).map(some => some.sort((a, b) => a - b)),
    recovered: Math.max(0, lastSlow - ends[quiet + 1]!),
    goodput: goodput.slice(quiet),
    peak: highest,
  }
}

/** Children started in here may have so many megabytes of heap. */
function withHeap<T>(megabytes: number | undefined, start: () => T): T {
  const before = process.env.NODE_OPTIONS
  if (megabytes !== undefined) process.env.NODE_OPTIONS = `--max-old-space-size=${megabytes}`
  try {
    return start()
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
  }
}
