import type { Socket } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { closeCode, type FrameParts, frame, rawWebSocket } from '../support/frames.js'
import { rawConnection } from '../support/publisher.js'
import { quantile } from '../support/serving.js'
import { type ResidentMemory, startVictim } from '../support/victim.js'

const COUNT = Number(process.env.COUNT ?? 20)
/** Times that an attack is tried before memory is measured: its code has been loaded and compiled by then. */
const WARM_UP = 5
/** Subscribers that attack at the same moment. */
const AT_ONCE = 100

/** The connection beneath a WebSocket. */
const wireOf = (socket: WebSocket) => (socket as unknown as { _socket: Socket })._socket

/** A frame as a server sends it, and one of a client. */
const [said, asked] = [false, true].map(masked => (parts: FrameParts) => frame({ masked, ...parts })) as [
  (parts: FrameParts) => Buffer,
  (parts: FrameParts) => Buffer,
]
const endless = (of: typeof said, count: number) =>
  Buffer.concat([
    of({ fin: false, payload: 'a' }),
    ...new Array<Buffer>(count).fill(of({ fin: false, opcode: 0, payload: 'a' })),
  ])
const pings = (of: typeof said, count: number) =>
  Buffer.concat(new Array<Buffer>(count).fill(of({ opcode: 9, payload: Buffer.alloc(125) })))
const bomb = deflateRawSync(Buffer.alloc(200 << 20))

/** What is written, the MiB that it may cost, and the milliseconds until the connection is closed. */
const attacks: readonly [what: string, bytes: (of: typeof said) => Buffer, memory: number, milliseconds: number][] = [
  ['F25: a frame that says it is 2 GiB large', of => of({ length: 2n ** 31n }), 2, 50],
  [`F28: a bomb of 200 MiB in ${bomb.length >> 10} KiB`, of => of({ reserved: 4, payload: bomb }), 8, 1000],
  ['F29: a message in endless fragments', of => endless(of, of === said ? 1_000_000 : 20_000), 8, 1000],
  ['F30: a hundred thousand pings, unread', of => pings(of, 100_000), 8, 2000],
]

describe('a process that is attacked', () => {
  it.each(attacks)('by its feed: %s', async (_what, make, mebibytes, milliseconds) => {
    const bytes = make(said)
    const victim = await startVictim({ compression: true })
    const figures = new Figures(victim.memory)
    for (let n = 0; n < WARM_UP + COUNT; n++) {
      const wire = wireOf(await victim.connection())
      figures.begin()
      const begin = performance.now()
      wire.on('error', () => {}).write(bytes)
      await new Promise(resolve => wire.once('close', resolve))
      if (n >= WARM_UP) figures.end([performance.now() - begin])
    }
    await victim.connection()
    console.log(`by the feed, ${bytes.length} bytes: ${figures}`)
    figures.expectBelow(mebibytes, milliseconds)
  })

  it.each(attacks)(`by ${AT_ONCE} subscribers at once: %s`, async (_what, make, mebibytes, milliseconds) => {
    const bytes = make(asked)
    const victim = await startVictim()
    const codes = new Map<number, number>()
    const figures = new Figures(victim.memory)
    const attack = async (socket: Socket & { heard(): string; ended: Promise<unknown> }) => {
      const begin = performance.now()
      socket.write(bytes)
      while (closeCode(socket.heard()) === undefined && !socket.destroyed)
        await Promise.race([new Promise(resolve => socket.once('data', resolve)), socket.ended])
      // 1006: it hung up without a word.
      const code = closeCode(socket.heard()) ?? 1006
      codes.set(code, (codes.get(code) ?? 0) + 1)
      socket.destroy()
      return performance.now() - begin
    }
    for (let n = 0; n < WARM_UP + COUNT; n++) {
      const sockets = await Promise.all(Array.from({ length: AT_ONCE }, () => rawWebSocket(victim.port)))
      figures.begin()
      const took = await Promise.all(sockets.map(attack))
      if (n >= WARM_UP) figures.end(took)
    }
    await victim.connection()
    console.log(
      `by ${AT_ONCE} subscribers at once, ${bytes.length} bytes each, closes by code ${JSON.stringify([...codes])}: ${figures}`,
    )
    figures.expectBelow(mebibytes, milliseconds * AT_ONCE)
  })

  it('F37: half a head, and nothing at all: both are cut off in time', async () => {
    const { port } = await startVictim()
    const times = await Promise.all(
      Array.from({ length: 2 * COUNT }, async (_, n) => {
        const socket = await rawConnection(port)
        const begin = performance.now()
        if (n % 2) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
        const drip = setInterval(() => n % 2 && socket.write('x'), 500)
        await socket.ended
        clearInterval(drip)
        return performance.now() - begin
      }),
    )
    const [least, most] = [Math.min(...times), Math.max(...times)].map(time => (time / 1000).toFixed(2))
    console.log(`${times.length} that dawdle: cut off after ${least} to ${most} s`)
    // The limit of ten seconds, the look once a second, and the time of the test itself.
    expect(Math.max(...times)).toBeLessThanOrEqual(11_500)
  })
})

/** What attacks have cost. */
class Figures {
  readonly #memory: ResidentMemory
  readonly #times: number[] = []
  readonly #growth: number[] = []
  #before = 0
  #first: number | undefined

  constructor(memory: ResidentMemory) {
    this.#memory = memory
  }

  begin(): void {
    this.#memory.forget()
    this.#before = this.#memory.now
  }

  /** @param times Milliseconds until each was closed. */
  end(times: readonly number[]): void {
    this.#first ??= this.#before
    this.#times.push(...times)
    this.#growth.push(this.#memory.peak - this.#before)
  }

  expectBelow(mebibytes: number, milliseconds: number): void {
    // One in two: the garbage collector of the victim lets memory grow when it likes.
    expect(this.#typical).toBeLessThanOrEqual(mebibytes)
    expect(Math.max(...this.#times)).toBeLessThanOrEqual(milliseconds)
  }

  toString(): string {
    const [typical, most, all] = [this.#typical, Math.max(...this.#growth), this.#memory.now - this.#first!]
    const [least, last] = [Math.min(...this.#times), Math.max(...this.#times)].map(time => time.toFixed(1))
    return (
      `${this.#times.length} times, closed after ${least} to ${last} ms; resident memory ${typical.toFixed(1)} MiB more at one time ` +
      `(at most ${most.toFixed(1)}), ${all.toFixed(1)} MiB in the end`
    )
  }

  get #typical(): number {
    return quantile(
      this.#growth.toSorted((a, b) => a - b),
      0.5,
    )
  }
}
