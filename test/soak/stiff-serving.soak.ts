import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startProbed } from '../support/probe.js'
import { TestClient } from '../support/sockets.js'
import { simulated } from '../support/streams.js'
import { temporaryDirectory } from '../support/temporary.js'

const SECONDS = Number(process.env.SECONDS ?? 20)
const SUBSCRIBERS = 20
/** Milliseconds; twice and more what is expected, because the machine is not alone. */
const MOST_LATE = 150

it(`F51: a process that solves with ten thousand times the usual accuracy serves ${SUBSCRIBERS} subscribers for ${SECONDS} s`, async () => {
  const cwd = temporaryDirectory()
  // Every observation takes some hundred steps, and more comes than can be learned.
  const solver = { method: 'tsit5', rtol: 1e-12, atol: 1e-14 }
  const sinks = [{ kind: 'websocket', port: 0, heartbeat: 1 }]
  writeFileSync(
    `${cwd}/contraflow.yaml`,
    JSON.stringify({ source: { kind: 'stdin', overflow: { policy: 'drop-oldest', limit: 64 } }, solver, sinks }),
  )
  const { run, look } = startProbed(['run', '--json'], cwd)
  await run.says('stderr', /estimates on \S+/)
  const url = /estimates on (\S+)/.exec(run.stderr)![1]!
  const clients = await Promise.all(Array.from({ length: SUBSCRIBERS }, () => TestClient.connect(url)))
  const pings = clients.map(() => 0)
  for (const [i, { socket }] of clients.entries()) socket.on('ping', () => pings[i]!++)
  const stream = simulated({ system: 'van-der-pol', count: 100_000 })
  let sent = 0
  const send = () => {
    const lines = stream.slice(sent, (sent += 20)).map(({ t, y }) => JSON.stringify({ t, y: Array.from(y) }))
    run.process.stdin.write(`${lines.join('\n')}\n`)
  }
  // Behind the warm-up: until nothing more comes. Messages are not counted, a busy process may leave some out.
  for (let n = 0; n < 3; n++) send()
  await clients[0]!.has(1)
  do await delay(500)
  while ((await look()).estimates > 0)
  const answers: number[] = []
  for (const end = performance.now() + 1000 * SECONDS; performance.now() < end; ) {
    send()
    const begin = performance.now()
    clients[0]!.socket.ping()
    await once(clients[0]!.socket, 'pong')
    answers.push(performance.now() - begin)
    await delay(10)
  }
  const { loop, estimates } = await look()
  const open = clients.filter(({ socket }) => socket.readyState === socket.OPEN).length
  console.log(
    `F51: ${sent} sent, ${estimates} learned in ${SECONDS} s, ${((1000 * SECONDS) / estimates).toFixed(1)} ms each; event loop late by p99 ` +
      `${loop.p99.toFixed(1)} ms, most ${loop.most.toFixed(1)} ms; a ping answered after ${Math.max(...answers).toFixed(1)} ms at most; ` +
      `${open} of ${SUBSCRIBERS} subscribers there, pinged ${Math.min(...pings)} times or more`,
  )
  // It was busy all the time.
  expect(estimates).toBeLessThan(sent / 2)
  expect(loop.p99).toBeLessThanOrEqual(50)
  // Units that the source's gaps outgrow are learned with in pieces of 30 million multiply-adds at most (some 30 ms), after an observation.
  expect(loop.most).toBeLessThanOrEqual(MOST_LATE)
  expect(open).toBe(SUBSCRIBERS)
  expect(Math.min(...pings)).toBeGreaterThanOrEqual(Math.floor(SECONDS / 2) - 1)
  run.process.stdin.end()
  expect((await run.finished).code).toBe(0)
})
