import { z } from 'zod'
import { ContraflowError, shorten } from '../../errors.js'
import { type TimeUnit, UNIT_NAMES } from '../../names.js'
import { nearestName } from '../../nearest-name.js'
import { fromNullable, type Observation, type Revision } from '../../observation.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import { fromSeconds, likelyUnit, parseTime, toSeconds } from '../../time.js'
import { DATA_NAME, isDataName } from '../channel-name.js'
import { explain, formatPath } from '../complaints/explain.js'
import { deadLetterOf } from './dead-letter-of.js'
import type { Decoded, Decoder, FrameOrigin } from './decoder.js'
import { parseMessage } from './parse-message.js'

const value = z.number().nullable()
const key = z.string().min(1).max(128).exactOptional()
const t = z.union([z.number(), z.string().max(64)])
const MOST_VALUES = 1024
/** Channels among which a nearest name is looked for. */
const MOST_COMPARED = 16
/** Of every message: what tells it from others, and whether it changes one that came earlier. */
const identity = {
  id: z.union([z.string().min(1).max(128), z.number().int()]).exactOptional(),
  seq: z.number().int().exactOptional(),
  correct: z.boolean().exactOptional(),
  retract: z.boolean().exactOptional(),
}

/** A message in the native format: values in the order of the channels, or by name. */
export const observationSchema = z.union([
  z.strictObject({ key, t, ...identity, y: z.array(value).min(1).max(MOST_VALUES) }),
  z.strictObject({
    key,
    t,
    ...identity,
    values: z
      .record(z.string().max(64), value)
      .refine(values => Object.keys(values).length <= MOST_VALUES, `expected at most ${MOST_VALUES} values`),
  }),
  // Takes an earlier observation away: there is nothing to measure.
  z.strictObject({ key, t, ...identity, retract: z.literal(true) }),
])

/** Channels and unit of time of messages. */
export interface DecoderOptions {
  /** Names in the order of y; without them the first observation decides: its names, or c0, c1, … */
  readonly channels?: readonly string[]
  /** Of t when it is a number; `auto` tells it from the size of the number, where it is a time of our days. Default s. */
  readonly timeUnit?: TimeUnit | 'auto'
  /** Refuse numbers that are times of our days in another unit, until one has come that counts from elsewhere. Default true. */
  readonly timeCheck?: boolean
  /** The unit in which times were written that come here in seconds; for what is doubted. */
  readonly writtenIn?: TimeUnit | 'auto'
}

type Message = z.infer<typeof observationSchema>
/** What nearly all messages are: values, and nothing but a time and a key. */
interface PlainMessage {
  readonly key?: string
  readonly t: number
  readonly y?: readonly (number | null)[]
  readonly values?: Values
}

type Values = Readonly<Record<string, number | null>>

/** The key of observations that come without one. */
export const DEFAULT_KEY = 'default'

/** Turns messages into observations; what cannot be used becomes a dead letter. Never throws on input. */
export class ObservationDecoder implements Decoder {
  readonly ignored = 0
  #channels: readonly string[] | undefined
  readonly #unit: TimeUnit | 'auto'
  readonly #writtenIn: TimeUnit
  #unitDoubted: boolean

  constructor({ channels, timeUnit = 's', timeCheck = true, writtenIn = timeUnit }: DecoderOptions = {}) {
    this.#channels = channels
    this.#unit = timeUnit
    this.#writtenIn = writtenIn === 'auto' ? 's' : writtenIn
    this.#unitDoubted = timeCheck && writtenIn !== 'auto'
  }

  /** Names of the channels, as far as they are known. */
  get channels(): readonly string[] | undefined {
    return this.#channels
  }

  save(): Saved {
    return { channels: this.#channels ?? null, unitDoubted: this.#unitDoubted }
  }

  restore(saved: Section): void {
    const channels = saved.at('channels')
    this.#channels = channels.isNull ? undefined : channels.list.map(name => name.text)
    this.#unitDoubted = saved.at('unitDoubted').flag
  }

  recall(observation: Observation | undefined, channels: readonly string[] | undefined): void {
    this.#channels ??= channels
    if (observation) this.#unitDoubted &&= likelyUnit(observation.t) === 's'
  }

  read(frame: string, origin: FrameOrigin): Decoded[] {
    return [this.#decode(frame, origin)]
  }

  /** @param place Where the text came from; asked for only when something is wrong. */
  decode(text: string, place: () => string): Decoded {
    return this.#decode(text, { place })
  }

  /** A message that has been parsed. @param frame What it came from, for a dead letter. */
  fromMessage(message: unknown, frame: string, origin: FrameOrigin): Decoded {
    return this.#guard(frame, origin, () => this.#observation(message))
  }

  #decode(text: string, origin: FrameOrigin): Decoded {
    return this.#guard(text, origin, () => this.#observation(parseMessage(text)))
  }

  #guard(frame: string, origin: FrameOrigin, decode: () => Observation): Decoded {
    try {
      return decode()
    } catch (error) {
      if (!(error instanceof ContraflowError)) throw error
      return deadLetterOf(error.code, frame, origin, error)
    }
  }

  #observation(input: unknown): Observation {
    if (isPlain(input)) {
      const t = this.#time(input.t)
      const y = input.y ? this.#row(input.y) : this.#named(input.values!)
      this.#unitDoubted &&= likelyUnit(t) === 's'
      return { key: input.key ?? DEFAULT_KEY, t, y }
    }
    const parsed = observationSchema.safeParse(input)
    if (!parsed.success) throw invalid(parsed.error, input)
    const message = parsed.data
    const identity = identityOf(message)
    const t = this.#time(message.t)
    const y = this.#values(message, input)
    this.#unitDoubted &&= likelyUnit(t) === 's'
    return { key: message.key ?? DEFAULT_KEY, t, y, ...identity }
  }

  #values(message: Message, input: unknown): Float64Array {
    if ('y' in message) return this.#row(message.y)
    return 'values' in message ? this.#named((input as { values: Values }).values) : new Float64Array(0)
  }

  #time(time: number | string): number {
    const given = typeof time === 'number' ? time : Number(time)
    const unit = this.#unit === 'auto' ? (likelyUnit(given) ?? 's') : this.#unit
    const seconds = typeof time === 'number' ? toSeconds(time, unit) : parseTime(time, unit)
    if (seconds === undefined)
      throw new ContraflowError('OBSERVATION_INVALID', {
        received: `t: ${JSON.stringify(time)}`,
        expected: 'a number, or an ISO 8601 date with time and zone such as 2026-11-23T01:20:19.866Z',
      })
    if (this.#unitDoubted) this.#doubt(given, time)
    return seconds
  }

  /** @throws ContraflowError OBSERVATION_TIME_UNIT */
  #doubt(given: number, time: number | string): void {
    const writtenIn = this.#writtenIn
    const written = writtenIn === this.#unit ? given : fromSeconds(given, writtenIn)
    const likely = likelyUnit(written)
    if (likely === undefined || likely === writtenIn) return
    throw new ContraflowError('OBSERVATION_TIME_UNIT', {
      received: `t: ${JSON.stringify(writtenIn === this.#unit ? time : written)}`,
      expected: `a time in ${UNIT_NAMES[writtenIn]}; this number looks like ${UNIT_NAMES[likely]} since 1970`,
      remedy:
        `Say source: { timeUnit: ${likely} } in the pipeline file (replay and evaluate take one with -c), auto where units ` +
        'change, or timeCheck: false where times count from somewhere else.',
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
        expected: channels.length === 0 ? 'at least one channel' : expectedName(unknown!, channels),
      })
    if (this.#channels === undefined) refuseHarmful(channels)
    this.#channels = channels
    return fromNullable(channels.map(name => (Object.hasOwn(values, name) ? values[name]! : null)))
  }
}

/** The nearest name first, where looking for it costs no more than the rest of a dead letter: floods of them may come. */
function expectedName(unknown: string, channels: readonly string[]): string {
  const near = channels.length > MOST_COMPARED ? undefined : nearestName(unknown, channels)
  const list = shorten(channels.join(', '))
  return near === undefined || channels.length === 1 ? `one of ${list}` : `"${near}", or another of ${list}`
}

/** @throws ContraflowError OBSERVATION_CHANNELS: a name may be shown anywhere later on. */
function refuseHarmful(names: readonly string[]): void {
  const harmful = names.find(name => !isDataName(name))
  if (harmful === undefined) return
  throw new ContraflowError('OBSERVATION_CHANNELS', {
    received: `the name ${JSON.stringify(harmful)}`,
    expected: `names of up to 64 characters: ${DATA_NAME}`,
    remedy: 'Name the channel otherwise, or give it a name in source.map.',
  })
}

/** Can it do without the schema? Says no in doubt: the schema then says what is wrong. It takes three times as long. */
function isPlain(input: unknown): input is PlainMessage {
  if (typeof input !== 'object' || input === null) return false
  const { key, t, y, values } = input as Readonly<Record<string, unknown>>
  if (typeof t !== 'number' || !Number.isFinite(t)) return false
  if (Object.keys(input).length !== (key === undefined ? 2 : 3)) return false
  if (key !== undefined && (typeof key !== 'string' || key.length === 0 || key.length > 128)) return false
  return Array.isArray(y) ? isRow(y) : typeof values === 'object' && values !== null && areNamed(values)
}

function isRow(y: readonly unknown[]): boolean {
  if (y.length === 0 || y.length > MOST_VALUES) return false
  for (let j = 0; j < y.length; j++) if (y[j] !== null && !Number.isFinite(y[j])) return false
  return true
}

function areNamed(values: object): boolean {
  const names = Object.keys(values)
  if (Array.isArray(values) || names.length > MOST_VALUES) return false
  for (const name of names) {
    const value = (values as Readonly<Record<string, unknown>>)[name]
    if (name.length > 64 || name === '__proto__' || (value !== null && !Number.isFinite(value))) return false
  }
  return true
}

function identityOf(message: Message): Partial<Observation> {
  const { id, seq } = message
  const revision = revisionOf(message)
  return {
    ...(id !== undefined && { id: String(id) }),
    ...(seq !== undefined && { sequence: seq }),
    ...(revision && { revision }),
  }
}

function revisionOf({ id, correct = false, retract = false }: Message): Revision | undefined {
  if (!correct && !retract) return undefined
  if (id !== undefined && !(correct && retract)) return correct ? 'correct' : 'retract'
  throw new ContraflowError('OBSERVATION_INVALID', {
    received: id === undefined ? 'no id' : 'correct and retract',
    expected: 'the id of the observation to be changed, and one of "correct": true and "retract": true',
  })
}

/** The complaint of the form that was meant: by name when there are `values`, else in order. */
function invalid(error: z.ZodError, input: unknown): ContraflowError {
  if (Array.isArray(input))
    return new ContraflowError('OBSERVATION_INVALID', {
      received: JSON.stringify(input),
      expected: 'one JSON object a message, not a list of them',
      remedy:
        'Write each on a line of its own ("jq -c .[] FILE" does), or take lists apart in source.map (rules: [{ each: … }]).',
    })
  const byName = typeof input === 'object' && input !== null && 'values' in input
  const retracts = typeof input === 'object' && input !== null && 'retract' in input && !('y' in input)
  const schema = observationSchema.options[byName ? 1 : retracts ? 2 : 0]
  const own = schema.safeParse(input).error ?? error
  const { path, received, expected } = explain(own, schema, input)[0]!
  const place = shorten(formatPath(path), 64) || 'message'
  if (/^-?Infinity$/.test(received)) return new ContraflowError('OBSERVATION_NOT_FINITE', { received, place })
  return new ContraflowError('OBSERVATION_INVALID', { received, expected, place })
}
