/**
 * Messages in the shape that a public feed documents, the settings that map them, and what must come out. None was recorded:
 * names and numbers are our own.
 */
export interface RealFeed {
  readonly name: string
  /** Channels of the pipeline file. */
  readonly channels?: readonly string[]
  /** The `map` of the source, YAML. */
  readonly map: string
  readonly messages: readonly string[]
  /** [key, t, value a channel, more] of each observation; the code of each dead letter. */
  readonly expected: readonly (
    | readonly [key: string, t: number, y: readonly (number | null)[], more?: object]
    | string
  )[]
  /** Messages that hold nothing. Default 0. */
  readonly ignored?: number
}

/** Seconds. */
export const iso = (text: string) => Date.parse(text) / 1000
