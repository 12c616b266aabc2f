/**
 * A process of its own that asks for WebSockets and never reads or closes: `node flood-process.mjs PORT RATE SECONDS`. Says what it
 * was answered, hangs up when it gets a line on standard input.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What a flood has met. */
export interface FloodReport {
  readonly asked: number
  /** Answers by status; `reset` without one. */
  readonly answers: Readonly<Record<string, number>>
  /** Seconds of processor time that it took. */
  readonly processor: number
}

const [port, rate, seconds] = process.argv.slice(2).map(Number) as [number, number, number]
/** Descriptors that this process may use. */
const MOST_OPEN = 10_000
const HEAD = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]
const REQUEST = `${HEAD.join('\r\n')}\r\n\r\n`
const open = new Set<Socket>()
const answers: Record<string, number> = {}
const began = performance.now()
let asked = 0
for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - began) / 1000) {
  for (; asked < elapsed * rate && open.size < MOST_OPEN; asked++) flood()
  await delay(1)
}
const { user, system } = process.cpuUsage()
// What is on its way is heard.
for (let n = 0; n < 50; n++) await delay(10)
const report: FloodReport = { asked, answers, processor: (user + system) / 1e6 }
process.stdout.write(`${JSON.stringify(report)}\n`)
await once(process.stdin, 'data')
for (const socket of open) socket.destroy()
process.exit(0)

function flood(): void {
  const socket = connect(port, '127.0.0.1')
  let answer = 'reset'
  open.add(socket)
  socket.on('error', () => {})
  socket.once('data', data => {
    answer = /^HTTP\/1.1 (\d+)/.exec(data.toString('latin1'))?.[1] ?? 'unknown'
    if (answer === '101') answers[answer] = (answers[answer] ?? 0) + 1
  })
  socket.once('close', () => {
    open.delete(socket)
    if (answer !== '101') answers[answer] = (answers[answer] ?? 0) + 1
  })
  socket.write(REQUEST)
}
