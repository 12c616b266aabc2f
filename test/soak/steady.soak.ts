import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { growthOf } from '../support/heap.js'
import { type Seen, startProbed } from '../support/probe.js'
import { quantile } from '../support/serving.js'
import { startServer, TestClient } from '../support/sockets.js'
import { temporaryDirectory } from '../support/temporary.js'

const SECONDS = Number(process.env.SECONDS ?? 300)
const RATE = Number(process.env.RATE ?? 2000)
const [KEYS, LOOKS] = [8, 25]

describe('a steady stream', () => {
  it(`F50: ${RATE} messages a second for ${SECONDS} s: all are learned, and memory does not grow`, async () => {
    const cwd = temporaryDirectory()
    const feed = await startServer()
    const config = {
      source: { kind: 'websocket', url: feed.url, timeCheck: false },
      sinks: [
        { kind: 'websocket', port: 0 },
        { kind: 'ndjson', path: 'out.ndjson', rotate: { bytes: 20_000_000, keep: 2 } },
      ],
      checkpoint: { directory: 'state', every: 5 },
    }
    writeFileSync(join(cwd, 'contraflow.yaml'), JSON.stringify(config))
    const { run, look } = startProbed(['run', '--json'], cwd, { collect: true })
    await run.says('stderr', /estimates on (\S+)/)
    const url = /estimates on (\S+)/.exec(run.stderr)![1]!
    const client = await TestClient.connect(url)
    client.socket.removeAllListeners('message')
    const delays: number[] = []
    const now = () => (performance.timeOrigin + performance.now()) / 1000
    client.socket.on('message', (data: Buffer) => delays.push(now() - (JSON.parse(data.toString()) as { t: number }).t))
    const source = await feed.connection()
    const seen: Seen[] = []
    const begin = performance.now()
    let sent = 0
    for (let elapsed = 0; elapsed < SECONDS; elapsed = (performance.now() - begin) / 1000) {
      for (; sent < elapsed * RATE; sent++)
        source.send(
          `{"key":"k${sent % KEYS}","t":${now() + sent * 1e-9},"y":[${Math.sin(sent / 9)},${Math.cos(sent / 7)}]}`,
        )
      if (elapsed >= ((seen.length + 1) * SECONDS) / LOOKS) {
        seen.push(await look())
        // Compiled by now.
        if (seen.length === 1) delays.length = 0
      }
      // A rate is what is asked for here; nothing waits for the time to pass.
      await delay(5)
    }
    /** Undefined when there is no answer, as when a connection that was kept is closed just then. */
    const received = async (): Promise<Record<string, number> | undefined> => {
      const answer = await fetch(`${url.replace('ws:', 'http:')}/metrics`).catch(() => undefined)
      return ((await answer?.json()) as { pipeline: Record<string, number> } | undefined)?.pipeline
    }
    let account = await received()
    while (!(account && account.received! >= sent && account.queued === 0) && run.process.exitCode === null) {
      await delay(200)
      account = (await received()) ?? account
    }
    run.process.kill('SIGTERM')
    const { code } = await run.finished
    const heap = seen.map(one => one.heap)
    const [growth, median] = [
      growthOf(heap),
      quantile(
        heap.toSorted((a, b) => a - b),
        0.5,
      ),
    ]
    const p99 = quantile(
      delays.sort((a, b) => a - b),
      0.99,
    )
    const resources = seen.slice(LOOKS / 5).map(one => one.resources)
    console.log(
      [
        `${sent} messages of ${KEYS} keys in ${SECONDS} s, ${account?.learned} learned, ${account?.skipped} whose update was refused, p99 from sending to the subscriber ${(1000 * p99).toFixed(1)} ms`,
        `heap after collection ${(median / 2 ** 20).toFixed(1)} MiB, ${(growth / 1024).toFixed(0)} KiB more over the last four fifths (${((100 * growth) / median).toFixed(2)} %); ` +
          `${Math.min(...resources)} to ${Math.max(...resources)} sockets and timers`,
      ].join('\n'),
    )
    expect([code, account?.received], run.stderr).toEqual([0, sent])
    // An update that the learner refuses costs that observation, and is counted; so does a pause of more than ten gaps, which a busy machine makes.
    expect(account!.learned! + account!.skipped!).toBe(sent)
    expect(account!.skipped).toBeLessThan(1e-3 * sent)
    expect(growth).toBeLessThanOrEqual(0.02 * median)
    // A request for the metrics, a file that is being written.
    expect(Math.max(...resources) - Math.min(...resources)).toBeLessThanOrEqual(4)
  })
})
