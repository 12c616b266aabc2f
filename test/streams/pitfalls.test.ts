import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { from, NEVER, Observable, type Observer, Subject, takeUntil } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createDecoder } from '../../src/config/decoders/create-decoder.js'
import { checkpoint } from '../../src/operators/checkpoint.js'
import { reorder } from '../../src/operators/reorder.js'
import type { Feed } from '../../streams/feeds/feed.js'
import { pumpRecords } from '../../streams/feeds/pump.js'
import { websocketFeed } from '../../streams/feeds/websocket/websocket.js'
import { Valve } from '../../streams/overflow/valve.js'
import { KeyLearners } from '../../streams/pipeline/key-learners.js'
import { Outlets } from '../../streams/pipeline/outlets.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { PipelineRun } from '../../streams/pipeline/pipeline-run.js'
import { Recorder } from '../../streams/recorder/recorder.js'
import { recordingFeed } from '../../streams/recorder/recording-feed.js'
import { CountingClock, VirtualClock } from '../support/clock.js'
import { feedContext, type TestContext, watchFeed } from '../support/feeds.js'
import { at, oscillation, oscillationMessages } from '../support/observations.js'
import { collect } from '../support/operator-contract.js'
import { readLines, runToFile, SMALL, writeLog } from '../support/pipelines.js'
import { SCALE } from '../support/seed.js'
import { closedPort, startServer } from '../support/sockets.js'
import { temporaryDirectory, temporaryFile } from '../support/temporary.js'

const message = (t: number) => `{"t":${t},"y":[1]}`

describe('a WebSocket feed', () => {
  it('X5, X7: lives on after a thousand connections (SCALE) that give a value and drop, and never completes', async () => {
    const cycles = SCALE > 1 ? 1000 : 200
    const { url } = await startServer((socket, number) => socket.send(message(number), () => socket.terminate()))
    const watch = watchFeed(websocketFeed({ url }, feedContext()))
    await watch.has(cycles)
    expect([watch.completed, watch.error]).toEqual([false, undefined])
    watch.unsubscribe()
  })

  it('X6, X7: survives ten thousand attempts that fail at once, without a stack, and never completes', async () => {
    const clock = new CountingClock(10_000)
    process.env.PITFALL_TOKEN = 'there'
    const { url } = await startServer(socket => {
      // From here on the address cannot even be made.
      delete process.env.PITFALL_TOKEN
      socket.terminate()
    })
    const context = feedContext({ clock })
    const watch = watchFeed(websocketFeed({ url: `${url}/?token=\${env:PITFALL_TOKEN}` }, context))
    await clock.done
    expect([watch.completed, watch.error, watch.values]).toEqual([false, undefined, []])
    expect(context.logs.length).toBeGreaterThanOrEqual(10_000)
    watch.unsubscribe()
  })
})

describe('a pipeline', () => {
  it('X4: ends in the error that is thrown where its messages are sent out, and not the process', async () => {
    class Torn extends Outlets {
      override publish(): void {
        throw new Error('torn')
      }
    }
    const config = { ...SMALL, source: { kind: 'log', path: writeLog([message(1), message(2)]) } } as const
    const run = new PipelineRun(config, {}, {}, await createDecoder(config))
    const keepers = { checkpoints: undefined, recorder: undefined }
    await expect(run.toTheEnd(new Valve(), NEVER, new Torn([], [], {}), keepers)).rejects.toThrow('torn')
  })

  it('X8, X24: connects to its source once, whoever comes and goes, and loses nothing that it sends at once', async () => {
    const lines = oscillationMessages(300)
    const { url, server, connection } = await startServer(socket => {
      for (const line of lines) socket.send(line)
    })
    let connections = 0
    server.on('connection', () => connections++)
    const [path, port, stop] = [temporaryFile(), await closedPort(), new AbortController()]
    const directory = temporaryDirectory()
    let estimates = 0
    let all = () => {}
    const learned = new Promise<void>(resolve => {
      all = resolve
    })
    const ended = runPipeline(
      {
        ...SMALL,
        source: { kind: 'websocket', url },
        record: { directory },
        sinks: [
          { kind: 'ndjson', path },
          { kind: 'websocket', port },
        ],
      },
      {
        signal: stop.signal,
        onEstimate: () => {
          if (++estimates === lines.length) all()
        },
      },
    )
    await connection()
    for (let n = 0; n < 100; n++) {
      const subscriber = new WebSocket(`ws://127.0.0.1:${port}`)
      await once(subscriber, 'open')
      subscriber.terminate()
      await once(subscriber, 'close')
    }
    await learned
    stop.abort()
    stop.abort()
    await ended
    expect([connections, readLines(path).length]).toEqual([1, lines.length])
    const { progress } = await runToFile({ source: { kind: 'log', path: directory } })
    expect(progress.received).toBe(lines.length)
  })

  it('X22: gives the same bytes at any pace: time of the clock is no part of the result', async () => {
    const path = writeLog(oscillationMessages(200))
    const forecast = { every: 10, horizon: 4 }
    const learn = { ...SMALL.learn, allowedLateness: 3 }
    const fast = await runToFile({ source: { kind: 'log', path }, forecast, learn })
    const clock = new VirtualClock()
    const paced = await runToFile({ source: { kind: 'log', path, speed: 1 }, forecast, learn }, { clock })
    expect(clock.time).toBeGreaterThan(190_000)
    expect(paced.output).toBe(fast.output)
  })

  it('X23: misses nothing of a source that emits while it is subscribed to, in a hundred runs', () => {
    const config = { ...SMALL, forecast: { every: 4, horizon: 2 } }
    const observations = oscillation(8)
    const outputs = (source: Observable<(typeof observations)[number]>) =>
      collect(source.pipe(new KeyLearners(config, () => {}).learn())).values.map(({ key, kind }) => [key, kind])
    const live = new Subject<(typeof observations)[number]>()
    const later = collect(live.pipe(new KeyLearners(config, () => {}).learn()))
    for (const observation of observations) live.next(observation)
    live.complete()
    const expected = later.values.map(({ key, kind }) => [key, kind])
    expect(expected.length).toBeGreaterThan(observations.length)
    for (let run = 0; run < 100; run++) {
      expect(outputs(from(observations))).toEqual(expected)
    }
  })

  it('X20: when it is stopped, lets go of its source, saves, flushes what is held, and then ends; once', () => {
    const order: string[] = []
    const stop = new Subject<void>()
    let give: Observer<ReturnType<typeof at>> | undefined
    const source = new Observable<ReturnType<typeof at>>(subscriber => {
      give = subscriber
      return () => order.push('source')
    })
    source
      .pipe(
        takeUntil(stop),
        checkpoint({ save: () => order.push('saved') }, { every: Number.POSITIVE_INFINITY }),
        reorder({ allowedLateness: 10 }),
      )
      .subscribe({ next: ({ t }) => order.push(`flushed ${t}`), complete: () => order.push('end') })
    give!.next(at(2, 0))
    give!.next(at(1, 0))
    stop.next()
    stop.next()
    expect(order).toEqual(expect.arrayContaining(['source', 'saved', 'flushed 1', 'flushed 2', 'end']))
    expect(order.filter(step => step !== 'source')).toEqual(['saved', 'flushed 1', 'flushed 2', 'end'])
    expect(order).toHaveLength(5)
  })
})

describe('a feed that is left', () => {
  /** What a feed is made of; it says itself when it waits, beside its sleeps and its values. */
  type Open = (context: TestContext, waits: () => void) => Feed

  /** Runs a feed and leaves it at one of the moments at which it waits, or is about to. @returns What it did afterwards. */
  async function leaveAt(moment: number, open: Open) {
    let [moments, late, left] = [0, 0, false]
    let unsubscribe = () => {}
    const reached = () => {
      if (left) late++
      if (moments++ === moment) {
        left = true
        unsubscribe()
      }
    }
    class Clock extends VirtualClock {
      override async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
        // Whoever sleeps on an aborted signal does nothing.
        if (!left) reached()
        await super.sleep(milliseconds, signal)
      }
    }
    const watch = watchFeed(open(feedContext({ clock: new Clock() }), reached), () => reached())
    unsubscribe = () => watch.unsubscribe()
    if (moment === Number.POSITIVE_INFINITY) await watch.end
    else while (!left) await turn()
    for (let n = 0; n < 60; n++) await turn()
    return { moments, late, left, values: watch.values.length }
  }

  /** Reads each message later than it is asked to. */
  function slow(context: TestContext, waits: () => void): TestContext {
    const { decoder } = context
    const read = async (text: string, origin: Parameters<typeof decoder.read>[1]) => {
      waits()
      await turn()
      return decoder.read(text, origin)
    }
    return { ...context, decoder: { ...decoder, read } } as never
  }

  /** Leaves it once at each of its moments, and once not at all. */
  async function leaveAtEach(open: Open, expected: { readonly values: number; readonly moments: number }) {
    expect(await leaveAt(Number.POSITIVE_INFINITY, open)).toEqual({ ...expected, late: 0, left: false })
    for (let moment = 0; moment < expected.moments; moment++)
      expect(await leaveAt(moment, open)).toMatchObject({ left: true, late: 0 })
  }

  it('X15: does nothing more, at whichever of its waits: a source of records', async () => {
    let closed = 0
    async function* batches() {
      try {
        for (let n = 0; n < 6; n++) {
          yield { name: 'log', records: [{ text: message(n), line: n + 1, offset: 10 * n }] }
          await turn()
        }
      } finally {
        closed++
      }
    }
    const open: Open = (context, waits) => pumpRecords(batches, { speed: 1 }, slow(context, waits))
    await leaveAtEach(open, { values: 6, moments: 17 })
    expect(closed).toBe(18)
  })

  it('X15: does nothing more, at whichever of its waits: a WebSocket', async () => {
    const { url } = await startServer(socket => {
      for (let n = 0; n < 6; n++) socket.send(message(n))
      socket.close(1000)
    })
    const open: Open = (context, waits) => websocketFeed({ url, reconnect: false }, slow(context, waits))
    await leaveAtEach(open, { values: 6, moments: 12 })
  })

  it('X15: does nothing more, at whichever of its waits: a recording', async () => {
    const directory = temporaryDirectory()
    const recorder = await Recorder.open({
      directory,
      clock: new VirtualClock(),
      log: () => {},
      rotate: 200,
    })
    for (let n = 0; n < 6; n++) recorder.record({ value: at(n, 0), position: { message: n + 1, values: 1 } })
    await recorder.close()
    const open: Open = context => recordingFeed({ path: directory, speed: 1 }, context)
    await leaveAtEach(open, { values: 6, moments: 11 })
  })
})
