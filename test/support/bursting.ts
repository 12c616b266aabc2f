import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { OverflowPolicy } from '../../src/names.js'
import { Random } from '../../src/random.js'
import type { Accounting } from '../../streams/pipeline/accounting.js'
import { startContraflow } from './cli.js'
import { keepApart, processorTime } from './processor.js'
import { quantile } from './serving.js'
import { startServer, TestClient } from './sockets.js'
import { temporaryDirectory } from './temporary.js'

export interface Bursting {
  readonly policy: OverflowPolicy
  /** Messages a second before, during and after the burst, and how long each of these takes, in seconds; there may be a warm-up in front. */
  readonly phases: readonly { readonly rate: number; readonly seconds: number }[]
  readonly limit: number
  /** Seconds in which the peak is looked for, after all phases. Default 0: it is not. */
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
  /** Seconds after the burst from which on, in every second, 99 % of the estimates were as quick as before it. */
  readonly recovered: number
  /** Observations learned or skipped in each phase, for each second in which its process was not kept from its processor by others. */
  readonly goodput: readonly number[]
  /**
   * The same for each second of its work, while just so much was offered as could be learned: half a queue on its way at a time, and
   * with the gaps in it that the burst had from dropping. Undefined where it was not looked for.
   */
  readonly peak: number | undefined
  /** Did the pipeline have a processor, and whoever sends and subscribes another? If not, all took from each other. */
  readonly apart: boolean
}

/** Seconds of the stream from one observation to the next, and observations in a radian of its sine. */
const [STEP, RADIAN] = [1e-4, 300]

/**
 * A pipeline in a process of its own, a feed that bursts over a real socket, and a subscriber that watches the clock. The time of
 * the stream goes on evenly, however fast it is sent: what an observation costs to learn depends on how far it is from the one
 * before. For the same reason the peak is that of a stream with as many gaps as the burst had.
 */
export async function burstForReal(options: Bursting): Promise<BurstReport> {
  const { policy, phases, limit, workers, heap, peakFor = 0 } = options
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
  const pid = run.process.pid!
  await run.says('stderr', /estimates on (\S+)/)
  // Threads of workers need both.
  const together = workers ? undefined : keepApart(pid, process.pid)
  if (together) onTestFinished(together)
  const url = /estimates on (\S+)/.exec(run.stderr)![1]!
  const source = await feed.connection()
  const client = await TestClient.connect(url)
  const now = () => performance.now() / 1000
  /** When each message was sent, by its place in the stream. */
  const sentAt: number[] = []
  let sent = 0
  const delays: number[][] = phases.map(() => [])
  const ends: number[] = []
  const goodput: number[] = []
  /** Of the estimates that came after the burst: when, and whether later than those before it. */
  const arrivals: { readonly at: number; readonly slow: boolean }[] = []
  let estimates = 0
  let phase = 0
  let tolerable = Number.POSITIVE_INFINITY
  /** The phase before the burst. */
  const quiet = phases.length - 3
  client.socket.on('message', (data: Buffer) => {
    const { t } = JSON.parse(data.toString()) as { t: number }
    const sending = sentAt[Math.round(t / STEP)]!
    const sentIn = ends.filter(end => end < sending).length
    const at = now()
    delays[sentIn]?.push(at - sending)
    estimates++
    if (phase === quiet + 2) arrivals.push({ at, slow: at - sending > tolerable })
  })
  const metrics = async () => {
    const response = await fetch(`${url.replace('ws:', 'http:')}/metrics`, { headers: { Connection: 'close' } })
    return (await response.json()) as {
      load: { fills: { queue: number } }
      pipeline: Accounting
    }
  }
  const resident = () => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) / 256
  let [fullest, before, most] = [0, 0, 0]
  /** Resolves when everything that was sent has been learned or dropped. */
  const settled = async () => {
    for (;;) {
      const { received, queued } = (await metrics()).pipeline
      if (received >= sent && queued === 0) return
      await delay(20)
    }
  }
  const send = (n = sentAt.length) => {
    sentAt[n] = now()
    sent++
    source.send(`{"key":"k${n % 8}","t":${n * STEP},"y":[${Math.sin(n / RADIAN)},1]}`)
  }
  /** Counts what is used from now on. Of workers the processors are not asked: there are two. */
  const meter = async () => {
    const read = async () => {
      const { learned, skipped } = (await metrics()).pipeline
      return { used: learned + skipped, clock: now(), ...processorTime(pid) }
    }
    const first = await read()
    return async () => {
      const last = await read()
      const [used, clock] = [last.used - first.used, last.clock - first.clock]
      const [waited, worked] = workers ? [0, clock] : [last.waited - first.waited, last.worked - first.worked]
      return { offered: used / (clock - waited), worked: used / worked }
    }
  }
  /** @param kept The share of the stream that is sent. */
  const peak = async (kept: number) => {
    const random = new Random(20261126)
    const [measured, end] = [await meter(), now() + peakFor]
    // Of what was dropped there are no estimates.
    const missing = sent - estimates
    while (now() < end) {
      while (sent - estimates - missing < limit / 2) {
        let place = sentAt.length
        while (random.uniform() >= kept) place++
        send(place)
      }
      await delay(1)
    }
    return (await measured()).worked
  }
  let kept = 1
  for (const { rate, seconds } of phases) {
    if (phase > 0 && phase === quiet) await settled()
    const [measured, begin, dropped] = [await meter(), now(), (await metrics()).pipeline.dropped]
    let asked = begin
    for (let done = 0; done < rate * seconds; ) {
      const due = Math.min(rate * seconds, Math.ceil((now() - begin) * rate))
      for (; done < due; done++) send()
      if (now() - asked > 0.1) {
        asked = now()
        fullest = Math.max(fullest, (await metrics()).load.fills.queue ?? 0)
        if (phase > quiet) most = Math.max(most, resident())
      }
      // A rate is what is asked for here; nothing waits for the time to pass.
      await delay(2)
    }
    ends.push(now())
    goodput.push((await measured()).offered)
    if (phase === quiet + 1) kept = 1 - ((await metrics()).pipeline.dropped - dropped) / (rate * seconds)
    phase++
    if (phase === quiet + 1) {
      before = resident()
      tolerable = Math.max(0.05, quantile(ascending(delays[quiet]!), 0.99) * 2)
    }
  }
  await settled()
  const highest = peakFor > 0 ? await peak(kept) : undefined
  await settled()
  run.process.kill('SIGTERM')
  const { stderr } = await run.finished
  const { accounting } = JSON.parse(stderr.trimEnd().split('\n').at(-1)!) as { accounting: Accounting }
  return {
    sent,
    accounting,
    fullest,
    growth: Math.max(0, most - before),
    delays: delays.slice(quiet).map(ascending),
    recovered: recovery(arrivals, ends[quiet + 1]!),
    goodput: goodput.slice(quiet),
    peak: highest,
    apart: together !== undefined,
  }
}

/** Seconds from the end of a burst to the last slow estimate of the last second with more than one slow in a hundred. */
function recovery(arrivals: readonly { readonly at: number; readonly slow: boolean }[], end: number): number {
  const seconds = new Map<number, { all: number; slow: number; last: number }>()
  for (const { at, slow } of arrivals) {
    const second = Math.floor(at - end)
    const seen = seconds.get(second) ?? { all: 0, slow: 0, last: end }
    seconds.set(second, { all: seen.all + 1, slow: seen.slow + Number(slow), last: slow ? at : seen.last })
  }
  const late = [...seconds.values()].filter(({ all, slow }) => slow > all / 100)
  return Math.max(0, ...late.map(({ last }) => last - end))
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
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
