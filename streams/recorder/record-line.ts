import { z } from 'zod'
import { isDataName } from '../../src/config/channel-name.js'
import type { Decoded } from '../../src/config/decoders/decoder.js'
import type { DeadLetter } from '../../src/dead-letter.js'
import type { ErrorCode } from '../../src/errors.js'
import { fromNullable, type Observation, toNullable } from '../../src/observation.js'
import { type Delivery, type FeedPosition, isDeadLetter } from '../feeds/feed.js'

/** One value that came in, as a recording holds it. */
export interface RecordedDelivery extends Delivery {
  /** Number in the recording, from 1 on. */
  readonly n: number
  /** When it arrived, seconds since 1970. */
  readonly at: number
  /** Names of the channels of what is recorded, in the order of y: on the first record of each file for which they are known. */
  readonly channels?: readonly string[]
}

const common = {
  n: z.number().int().positive(),
  at: z.number(),
  channels: z.array(z.string().refine(isDataName)).min(1).exactOptional(),
  position: z.custom<FeedPosition>(value => typeof value === 'object' && value !== null),
}

const observationLine = z.looseObject({
  ...common,
  key: z.string(),
  t: z.number(),
  y: z.array(z.number().nullable()),
})

const code = z.custom<ErrorCode>(value => typeof value === 'string')
const letter = z.object({ code, place: z.string(), received: z.string(), message: z.string() })
const letterLine = z.object({ ...common, letter })

/** What a full queue did not let through: the first ones, and how many more of each code. */
const lostLine = z.object({
  ...common,
  lost: z.object({ letters: z.array(letter).min(1), more: z.array(z.tuple([code, z.number().int().positive()])) }),
})

/**
 * A line of a recording: {"n","at","key","t","y",…,"position"}, with every bit of the numbers, or {"n","at","letter","position"} for
 * what could not be made into an observation or was not accepted as one, or {"n","at","lost":{"letters","more"},"position"} for what was dropped.
 * The first one of a file has "channels" as well. Versions that do not know them read over them.
 */
export function toRecordLine({ n, at, channels, value, position, lost }: RecordedDelivery): string {
  const head = { n, at, ...(channels && { channels }) }
  if (lost) return JSON.stringify({ ...head, lost: { letters: lost.letters, more: [...lost.more] }, position })
  const content = isDeadLetter(value) ? { letter: value } : { ...value, y: toNullable(value.y) }
  return JSON.stringify({ ...head, ...content, position })
}

/** The inverse. @returns undefined when it is not a line of a recording. */
export function fromRecordLine(text: string): RecordedDelivery | undefined {
  const document = parse(text)
  const letter = letterLine.safeParse(document)
  if (letter.success) return recorded(letter.data, letter.data.letter satisfies DeadLetter)
  const lost = lostLine.safeParse(document)
  if (lost.success) {
    const { lost: run, ...rest } = lost.data
    return { ...recorded(rest, run.letters[0]!), lost: { letters: run.letters, more: new Map(run.more) } }
  }
  const observation = observationLine.safeParse(document)
  if (!observation.success) return undefined
  const { n, at, channels, position, y, ...rest } = observation.data
  return recorded({ n, at, position, ...(channels && { channels }) }, { ...rest, y: fromNullable(y) } as Observation)
}

function recorded({ n, at, channels, position }: Omit<RecordedDelivery, 'value'>, value: Decoded): RecordedDelivery {
  return { n, at, ...(channels && { channels }), value, position }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
