import { z } from 'zod'
import type { DeadLetter } from '../dead-letter.js'
import { ContraflowError, shorten } from '../errors.js'
import type { TimeUnit } from '../names.js'
import { fromNullable, type Observation } from '../observation.js'
import { parseIso, toSeconds } from '../time.js'
import { explain, formatPath } from './explain.js'

const value = z.number().nullable()
const key = z.string().min(1).max(128).exactOptional()
const t = z.union([z.number(), z.string().max(64)])
const MOST_VALUES = 1024

/** A message in the native format: values in the order of the channels, or by name. */
export const observationSchema = z.union([
  z.strictObject({ key, t, y: z.array(value).min(1).max(MOST_VALUES) }),
  z.strictObject({
    key,
    t,
    values: z
      .record(z.string().max(64), value)
      .refine(values => Object.keys(values).length <= MOST_VALUES, `expected at most ${MOST_VALUES} values`),
  }),
])

/** Channels and unit of time of messages. */
export interface DecoderOptions {
  /** Names in the order of y; without them the first observation decides: its names, or c0, c1, … */
  readonly channels?: readonly string[]
  /** Of t when it is a number. Default s. */
  readonly timeUnit?: TimeUnit
}

type Values = Readonly<Record<string, number | null>>

/** The key of observations that come without one. */
export const DEFAULT_KEY = 'default'

/** Turns messages into observations; what cannot be used becomes a dead letter. Never throws on input. */
export class ObservationDecoder {
  #channels: readonly string[] | undefined
  readonly #unit: TimeUnit

  constructor({ channels, timeUnit = 's' }: DecoderOptions = {}) {
    this.#channels = channels
    this.#unit = timeUnit
  }

  /** Names of the channels, as far as they are known. */
  get channels(): readonly string[] | undefined {
    return this.#channels
  }

  /** @param place Where the text came from; asked for only when something is wrong. */
  decode(text: string, place: () => string): Observation | DeadLetter {
    try {
      return this.#observation(parseJson(text))
    } catch (error) {
      if (!(error instanceof ContraflowError)) throw error
      const { code, received, expected, remedy } = error
      const where = error.place ? `${place()}, ${error.place}` : place()
      const { message } = new ContraflowError(code, { received, expected, remedy, place: where })
      return { code, place: place(), received: shorten(text), message }
    }
  }

  #observation(input: unknown): Observation {
    const parsed = observationSchema.safeParse(input)
    if (!parsed.success) throw invalid(parsed.error, input)
    const message = parsed.data
    const time = this.#time(message.t)
    const y = 'y' in message ? this.#row(message.y) : this.#named((input as { values: Values }).values)
    return { key: message.key ?? DEFAULT_KEY, t: time, y }
  }

  #time(time: number | string): number {
    const seconds = typeof time === 'number' ? toSeconds(time, this.#unit) : parseIso(time)
    if (seconds !== undefined) return seconds
    throw new ContraflowError('OBSERVATION_INVALID', {
      received: `t: ${JSON.stringify(time)}`,
      expected: 'a number, or an ISO 8601 date with time and zone such as 2026-11-23T01:20:19.866Z',
    })
  }

  #row(y: readonly (number | null)[]): Float64Array {
    this.#channels ??= y.map((_, j) => `c${j}`)
    if (y.length === this.#channels.length) return fromNullable(y)
    throw new ContraflowError('OBSERVATION_CHANNELS', {
      received: `${y.length} values`,
      expected: `${this.#channels.length}: ${this.#channels.join(', ')}`,
    })
  }

  /** @param values As they came: zod leaves out names such as __proto__, which must not pass for known ones. */
  #named(values: Values): Float64Array {
    const names = Object.keys(values)
    const channels = this.#channels ?? names.filter(name => name !== '__proto__')
    const unknown = names.find(name => !channels.includes(name))
    if (unknown !== undefined || channels.length === 0)
      throw new ContraflowError('OBSERVATION_CHANNELS', {
        received: unknown === undefined ? 'no values' : `the unknown channel ${JSON.stringify(unknown)}`,
        expected: channels.length === 0 ? 'at least one channel' : `one of ${channels.join(', ')}`,
      })
    this.#channels = channels
    return fromNullable(channels.map(name => (Object.hasOwn(values, name) ? values[name]! : null)))
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const code = /\b(NaN|Infinity)\b/.test(text) ? 'OBSERVATION_NOT_FINITE' : 'OBSERVATION_NOT_JSON'
    throw new ContraflowError(code, { received: text }, { cause: error })
  }
}

/** The complaint of the form that was meant: by name when there are `values`, else in order. */
function invalid(error: z.ZodError, input: unknown): ContraflowError {
  const byName = typeof input === 'object' && input !== null && 'values' in input
  const schema = observationSchema.options[byName ? 1 : 0]
  const own = schema.safeParse(input).error ?? error
  const { path, received, expected } = explain(own, schema, input)[0]!
  const place = shorten(formatPath(path), 64) || 'message'
  if (/^-?Infinity$/.test(received)) return new ContraflowError('OBSERVATION_NOT_FINITE', { received, place })
  return new ContraflowError('OBSERVATION_INVALID', { received, expected, place })
}
