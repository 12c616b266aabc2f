import { z } from 'zod'
import { fromNullable, type Observation, toNullable } from '../../src/observation.js'
import type { FeedPosition } from '../feeds/feed.js'

/** One accepted observation, as a recording holds it. */
export interface RecordedObservation {
  /** Number in the recording, from 1 on. */
  readonly n: number
  /** When it arrived, seconds since 1970. */
  readonly at: number
  readonly observation: Observation
  /** Where its feed stood with it. */
  readonly position: FeedPosition
}

const line = z.looseObject({
  n: z.number().int().positive(),
  at: z.number(),
  key: z.string(),
  t: z.number(),
  y: z.array(z.number().nullable()),
  position: z.custom<FeedPosition>(value => typeof value === 'object' && value !== null),
})

/** A line of a recording: {"n","at","key","t","y",…,"position"}, with every bit of the numbers. */
export function toRecordLine({ n, at, observation, position }: RecordedObservation): string {
  return JSON.stringify({ n, at, ...observation, y: toNullable(observation.y), position })
}

/** The inverse. @returns undefined when it is not a line of a recording. */
export function fromRecordLine(text: string): RecordedObservation | undefined {
  const parsed = line.safeParse(parse(text))
  if (!parsed.success) return undefined
  const { n, at, position, y, ...rest } = parsed.data
  return { n, at, observation: { ...rest, y: fromNullable(y) } as Observation, position }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
