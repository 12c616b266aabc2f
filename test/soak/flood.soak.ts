import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Child, startContraflow } from '../support/cli.js'
import type { FloodReport } from '../support/flood-process.js'
import { processScript, quantile } from '../support/serving.js'
import { startServer, TestClient } from '../support/sockets.js'
import { temporaryDirectory } from '../support/temporary.js'

const SECONDS = Number(process.env.SECONDS ?? 10)
const RATE = Number(process.env.RATE ?? 5000)
const [INSIDE, PLACES] = [20, 200]

/** Seconds of processor time that a process has taken so far. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

describe('F33: a flood of connects', () => {
  it(`${RATE} a second for ${SECONDS} s: no more places are taken than there are, those inside are served as before, nothing stays open`, async () => {
    const cwd = temporaryDirectory()
    const feed = await startServer()
    const sinks = [{ kind: 'websocket', port: 0, maxSubscribers: PLACES }]
    writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify({ source: { kind: 'websocket', url: feed.url }, sinks }))
    const run = startContraflow(['run'], { cwd })
    await run.says('stderr', /estimates on (\S+)/)
    const url = /estimates on (\S+)/.exec(run.stderr)![1]!
    const port = Number(new URL(url).port)
    const source = await feed.connection()
    const inside = await Promise.all(Array.from({ length: INSIDE }, () => TestClient.connect(url)))
    const now = () => (performance.timeOrigin + performance.now()) / 1000
    let delays: number[] = []
    for (const { socket } of inside)
      socket.on('message', (data: Buffer) => delays.push(now() - (JSON.parse(data.toString()) as { t: number }).t))
    const descriptors = () => readdirSync(`/proc/${run.process.pid}/fd`).length
    const p99 = () =>
      quantile(
        delays.sort((a, b) => a - b),
        0.99,
      )
    const serve = async (seconds: number, each: (elapsed: number) => void) => {
      delays = []
      const begin = performance.now()
      for (let n = 0; n < seconds * 50; n++) {
        source.send(`{"t":${now()},"y":[${n % 7}]}`)
        each((performance.now() - begin) / 1000)
        await delay(Math.max(0, begin + (n + 1) * 20 - performance.now()))
      }
      return p99()
    }
    // Compiled first.
    await serve(4, () => {})
    const quiet = await serve(3, () => {})
    const before = descriptors()
    const spent = () => processorTime(run.process.pid!)
    const begun = spent()
    const flood = new Child(process.execPath, [
      processScript('flood-process'),
      String(port),
      String(RATE),
      String(SECONDS),
    ])
    let most = 0
    const flooded = await serve(SECONDS, () => {
      most = Math.max(most, descriptors())
    })
    const cost = spent() - begun
    await flood.says('stdout', /\n/)
    const { asked, answers, processor } = JSON.parse(flood.stdout) as FloodReport
    flood.process.stdin.write('\n')
    const ended = performance.now()
    while (descriptors() > before + 2 && performance.now() - ended < 10_000) await delay(50)
    const back = (performance.now() - ended) / 1000
    const after = await serve(2, () => {})
    console.log(
      [
        `${asked} connects asked for in ${SECONDS} s: ${JSON.stringify(answers)}`,
        `processor: ${cost.toFixed(1)} s of the pipeline, ${processor.toFixed(1)} s of the flood`,
        `p99 of ${INSIDE} inside: ${[quiet, flooded, after].map(s => `${(1000 * s).toFixed(1)} ms`).join(', ')} before, during, after`,
        `descriptors: ${before} before, at most ${most}, as before after ${back.toFixed(2)} s`,
      ].join('\n'),
    )
    // Less is no flood: the machine was busy otherwise.
    expect(asked).toBeGreaterThan(0.8 * RATE * SECONDS)
    expect(answers['101'] ?? 0).toBeLessThanOrEqual(PLACES - INSIDE)
    expect(answers['503']).toBeGreaterThan(0)
    expect(answers.reset).toBeGreaterThan(0)
    // The others still wait for the kernel to take their connection.
    expect(Object.values(answers).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0.5 * asked)
    // Of subscribers, and spare ones.
    expect(most).toBeLessThanOrEqual(before + PLACES - INSIDE + 100 + 5)
    // The flood, the pipeline and those inside share the processor.
    expect(flooded).toBeLessThanOrEqual(Math.max(0.05, 2 * quiet))
    expect(back).toBeLessThanOrEqual(5)
    expect(after).toBeLessThanOrEqual(Math.max(0.05, 2 * quiet))
    expect(run.process.exitCode).toBeNull()
  })
})
