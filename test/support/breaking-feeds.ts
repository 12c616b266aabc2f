import { Random } from '../../src/random.js'
import { websocketFeed } from '../../streams/feeds/websocket/websocket.js'
import { VirtualClock } from './clock.js'
import { feedContext, outline, type Watch, watchFeed } from './feeds.js'
import { shortFrame, startTcpServer, upgradeRaw } from './sockets.js'

/** Milliseconds of the first wait and the longest one, as the feed promises. */
const [BASE, CAP] = [500, 30_000]
/** Sound connections after the last one that breaks, and messages of each. */
const [SOUND, MESSAGES] = [4, 6]

/** What came over connections that break. */
export interface BrokenConnections {
  /** Event times in the order in which they came: 0, 1, 2, … when nothing was lost or repeated. */
  readonly times: readonly (number | string)[]
  /** Sockets and timers of this process, more than before. */
  readonly left: number
  /** Waits before connects, and the longest that each could be: by the connects since something was received. */
  readonly waits: readonly { readonly wait: number; readonly bound: number }[]
}

/** Keeps the waits, and how long each could have been. */
class WatchingClock extends VirtualClock {
  readonly waits: { readonly wait: number; readonly bound: number }[] = []
  #seen = 0
  #since = 0

  constructor(private readonly received: () => number) {
    super()
  }

  override sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    const received = this.received()
    this.#since = received > this.#seen ? 0 : this.#since + 1
    this.#seen = received
    this.waits.push({ wait: milliseconds, bound: Math.min(CAP, BASE * 2 ** this.#since) })
    return super.sleep(milliseconds, signal)
  }
}

/** A numbered feed over connections that break at any byte, in turn by RST, FIN without and with a close, and code 1012. */
export async function breakConnections({
  drops: count,
  seed,
}: {
  drops: number
  seed: number
}): Promise<BrokenConnections> {
  const random = new Random(seed)
  const below = (n: number) => Math.floor(random.uniform() * n)
  let [next, drops] = [0, 0]
  const { port } = await startTcpServer(socket => {
    let heard = Buffer.alloc(0)
    upgradeRaw(socket, () => {
      const say = (after: number) => {
        const frames = Array.from({ length: MESSAGES }, (_, i) => {
          return shortFrame(0x81, `{"t":${after + 1 + i},"y":[1],"seq":${after + 1 + i}}`)
        })
        const bytes = Buffer.concat(frames)
        const cut = drops < count ? below(bytes.length) : bytes.length
        socket.write(bytes.subarray(0, cut), () => {
          const end = drops++ % 4
          if (end === 0) socket.destroy()
          else if (end === 1) socket.resetAndDestroy()
          else if (end === 2) socket.end()
          else socket.end(shortFrame(0x88, Uint8Array.of(0x03, 0xf4)))
        })
      }
      // The client masks what it sends; the first connection has nothing to ask for.
      if (next++ === 0) say(-1)
      else
        socket.on('data', chunk => {
          heard = Buffer.concat([heard, chunk])
          const text = unmask(heard)
          if (text === undefined) return
          heard = Buffer.alloc(0)
          say(Number(text) - below(2))
        })
    })
  })
  const held = () => process.getActiveResourcesInfo().filter(one => /TCPSocket|Timeout/.test(one)).length
  const before = held()
  let watch: Watch<unknown> | undefined
  const clock = new WatchingClock(() => watch?.values.length ?? 0)
  // The first connection may break before anything came: then there is no number to resume from.
  const resume = { sequence: '/seq', send: '{sequence}' }
  const context = feedContext({ clock, random: () => random.uniform(), from: { message: 0, values: 0, sequence: -1 } })
  const values = watchFeed(websocketFeed({ url: `ws://127.0.0.1:${port}`, resume }, context))
  watch = values
  const ended = values.end.then(() => {
    throw values.error ?? new Error('the feed has ended')
  })
  while (drops <= count + SOUND) await Promise.race([values.has(values.values.length + 1), ended])
  ended.catch(() => {})
  values.unsubscribe()
  // Neither side holds anything any more but the server itself.
  for (let turns = 0; turns < 10_000 && held() > before; turns++) await new Promise(resolve => setImmediate(resolve))
  return { times: outline(values.values), left: held() - before, waits: clock.waits }
}

/** The text of one short masked frame; undefined when it is not whole. */
function unmask(bytes: Buffer): string | undefined {
  const length = (bytes[1] ?? 0) & 0x7f
  if (bytes.length < 6 + length || (bytes[0]! & 0x0f) !== 1) return undefined
  return Buffer.from(bytes.subarray(6, 6 + length).map((byte, i) => byte ^ bytes[2 + (i % 4)]!)).toString()
}

/** A server that takes connections and never answers. @returns Milliseconds after which each was given up. */
export async function muteServer({
  runs,
  handshakeTimeout,
}: {
  runs: number
  handshakeTimeout: number
}): Promise<number[]> {
  const { port } = await startTcpServer()
  const run = async () => {
    const start = performance.now()
    const feed = websocketFeed({ url: `ws://127.0.0.1:${port}`, reconnect: false, handshakeTimeout }, feedContext())
    const watch = watchFeed(feed)
    await watch.end
    const took = performance.now() - start
    const { received = '' } = watch.error as { received?: string }
    if (!received.includes('handshake has timed out')) throw new Error(`ended otherwise: ${received}`)
    return took
  }
  return Promise.all(Array.from({ length: runs }, run))
}

/**
 * A server that sends one message over each connection and is dead from then on: no answer, no end.
 * @returns Seconds from each connect until it was given up and connected again.
 */
export async function deadPeers({ runs, heartbeat }: { runs: number; heartbeat: number }): Promise<number[]> {
  const { port, sockets } = await startTcpServer(socket =>
    upgradeRaw(socket, () => socket.write(shortFrame(0x81, '{"t":1,"y":[1]}'))),
  )
  const run = async () => {
    const context = feedContext({ random: () => 0 })
    const begin = performance.now()
    const watch = watchFeed(websocketFeed({ url: `ws://127.0.0.1:${port}`, heartbeat }, context))
    // The second message comes over the second connection.
    await watch.has(2)
    watch.unsubscribe()
    if (!context.logs.some(line => line.includes('no answer to a ping; next try in')))
      throw new Error(`ended otherwise: ${context.logs.join('; ')}`)
    return (performance.now() - begin) / 1000
  }
  const seconds = await Promise.all(Array.from({ length: runs }, run))
  if (sockets.length < 2 * runs) throw new Error(`${sockets.length} connections of ${2 * runs}`)
  return seconds
}
