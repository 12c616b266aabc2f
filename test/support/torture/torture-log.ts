import type { Random } from '../../../src/random.js'
import { simulate } from '../../../streams/simulate/simulate.js'

/** What is wrong with a log. */
export interface TortureLogOptions {
  readonly keys: number
  readonly lines: number
  /** Places that a line may be displaced by. */
  readonly displaced: number
  /** Shares of lines that come twice, that cannot be read, that are corrected or retracted later. */
  readonly twice: number
  readonly unreadable: number
  readonly revised: number
}

interface Message {
  readonly key: string
  readonly t: number
  readonly y?: readonly (number | null)[]
  readonly id?: string
}

/** Messages of several keys with all that may be wrong with them; the last two belong to a key that says that all has come. */
export function tortureLog(random: Random, options: TortureLogOptions): string[] {
  const { keys, lines, displaced, twice, unreadable, revised } = options
  const each = Math.ceil(lines / keys)
  const messages = Array.from({ length: keys }, (_, k) => {
    const seed = 1 + Math.floor(random.uniform() * 1e6)
    const stream = simulate({ system: 'van-der-pol', count: each, seed, key: `k${k}`, missing: 0.1 })
    return Array.from(stream, (text, i): Message => ({ ...(JSON.parse(text) as Message), id: `${k}-${i}` }))
  })
  const inTurn = Array.from({ length: each }, (_, i) => messages.map(one => one[i]!)).flat()
  const arrivals: { readonly at: number; readonly text: string }[] = []
  for (const [i, message] of inTurn.entries()) {
    const add = (what: object, delay: number) => arrivals.push({ at: i + delay, text: JSON.stringify(what) })
    add(message, displaced * random.uniform())
    if (random.uniform() < twice) add(message, 1 + 20 * random.uniform())
    if (random.uniform() < unreadable) arrivals.push({ at: i, text: '{"t":"never"}' })
    if (random.uniform() < revised) add(revision(message, random), 1 + 30 * random.uniform())
    // A clock that is wrong once.
    if (random.uniform() < unreadable / 4) add({ ...message, t: message.t + 1e8, id: `far-${i}` }, 0)
  }
  const texts = arrivals.sort((a, b) => a.at - b.at).map(({ text }) => text)
  return [...texts, END_LINE(0), END_LINE(1e6)]
}

/** Estimate that is made when the last line has been read; without lateness that of the line before is made before. */
export function endOf(allowedLateness: number): RegExp {
  return allowedLateness > 0 ? /"key":"end","t":0,/ : /"key":"end","t":1000000,/
}

const END_LINE = (t: number) => JSON.stringify({ key: 'end', t, y: [0, 0] })

function revision({ key, t, y, id }: Message, random: Random): object {
  if (random.uniform() < 0.3) return { key, t, id, retract: true }
  // Sometimes it is the time that was wrong, and the new one is past those that follow.
  const moved = random.uniform() < 0.3 ? t + 0.5 * random.uniform() : t
  return { key, t: moved, id, correct: true, y: y!.map(value => (value === null ? null : value + 0.1)) }
}
