/**
 * A process of its own with many subscribers: `node subscribers-process.mjs URL COUNT STALLED`. The last STALLED of them never
 * read. Says {"ready":true} when all are connected; when it gets a line on standard input, what they have seen.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'

/** What the subscribers of a process have seen. */
export interface SubscribersReport {
  /** Seconds from event time, the moment of sending, to arrival; ascending. */
  readonly delays: number[]
  /** Milliseconds from the first subscriber to the last, for each message; ascending. */
  readonly spreads: number[]
  /** The least and the most messages that a subscriber got, of those that read. */
  readonly least: number
  readonly most: number
  /** Closes of subscribers that read. */
  readonly disturbed: number
}

const [url = '', count = '0', stalled = '0'] = process.argv.slice(2)
const [readers, mute] = [Number(count) - Number(stalled), Number(stalled)]
const delays: number[] = []
const arrivals = new Map<number, { first: number; last: number }>()
const received = new Array<number>(readers).fill(0)
let disturbed = 0

for (let begin = 0; begin < readers + mute; begin += 50)
  await Promise.all(Array.from({ length: Math.min(50, readers + mute - begin) }, (_, i) => subscribe(begin + i)))
console.log(JSON.stringify({ ready: true }))
await once(process.stdin, 'data')
const ascending = (values: number[]) => values.sort((a, b) => a - b)
const report: SubscribersReport = {
  delays: ascending(delays),
  spreads: ascending([...arrivals.values()].map(({ first, last }) => last - first)),
  least: Math.min(...received),
  most: Math.max(...received),
  disturbed,
}
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0))

async function subscribe(index: number): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('error', () => {})
  await once(socket, 'open')
  if (index >= readers) {
    socket.pause()
    return
  }
  socket.on('close', () => disturbed++)
  socket.on('message', data => {
    const now = performance.timeOrigin + performance.now()
    const { t } = JSON.parse(data.toString()) as { t: number }
    received[index]!++
    delays.push(now / 1000 - t)
    const seen = arrivals.get(t)
    if (seen) seen.last = now
    else arrivals.set(t, { first: now, last: now })
  })
}
