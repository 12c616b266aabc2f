import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { type WebSocket, WebSocketServer } from 'ws'
import { nanoseconds } from './clock.js'
import type { SenderReport, SenderStart, SendOrder } from './messages.js'

/**
 * The source of the line: a WebSocket server in a thread of its own, which sleeps between its messages, so that neither what
 * comes back nor a busy loop of the driver's disturbs the spacing or the pipeline.
 */
const port = parentPort!
const { received, sentAt } = workerData as SenderStart
/** Nobody changes it: to wait for it is to sleep, to within a few hundredths of a millisecond. */
const never = new Int32Array(new SharedArrayBuffer(4))

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
await once(server, 'listening')
report({ kind: 'listening', port: (server.address() as AddressInfo).port })
const [socket] = (await once(server, 'connection')) as [WebSocket]
report({ kind: 'connected' })
port.on('message', async (order: SendOrder) => {
  const { pace } = order
  const late = 'ahead' in pace ? await keepAhead(order, pace.ahead) : await keepRate(order, 1e9 / pace.perSecond)
  report({ kind: 'sent', late })
})

async function keepAhead({ first, messages }: SendOrder, most: number): Promise<number> {
  for (let i = 0; i < messages.length; i++) {
    for (let seen = Atomics.load(received, 0); first + i - seen >= most; seen = Atomics.load(received, 0)) {
      await setImmediate()
      Atomics.wait(received, 0, seen, 10)
    }
    send(first + i, messages[i]!)
  }
  return 0
}

/** Where the machine keeps the sender itself from being in time, what follows is put off, not sent in a burst. */
async function keepRate({ first, messages }: SendOrder, interval: number): Promise<number> {
  let late = 0
  let due = nanoseconds() + interval
  for (let i = 0; i < messages.length; i++, due += interval) {
    await setImmediate()
    for (let now = nanoseconds(); now < due; now = nanoseconds()) Atomics.wait(never, 0, 0, (due - now) / 1e6)
    send(first + i, messages[i]!)
    if (sentAt[first + i]! < due + interval) continue
    late++
    due = sentAt[first + i]!
  }
  return late
}

function send(index: number, message: string): void {
  sentAt[index] = nanoseconds()
  socket.send(message)
}

function report(message: SenderReport): void {
  port.postMessage(message)
}
