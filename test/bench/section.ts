/** One figure of the benchmark. */
export interface Figure {
  /** What was measured, with its sizes. */
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The bar it is meant to clear, where there is one. */
  readonly atLeast?: number
  readonly atMost?: number
  /** A point of a picture: which curve, along which size, and where. */
  readonly curve?: { readonly name: string; readonly along: string; readonly x: number }
  /** How it was counted, when the name does not say it. */
  readonly note?: string
}

/** What the benchmark was asked for. */
export interface BenchOptions {
  /** Also run the same work on other libraries. */
  readonly peers: boolean
  /** Was this section asked for by its name? Then it may take minutes. */
  readonly named: boolean
}

/** A part of the benchmark that can be run alone: `npm run bench -- NAME`. */
export interface Section {
  readonly name: string
  readonly title: string
  run(options: BenchOptions): readonly Figure[] | Promise<readonly Figure[]>
}

/** Does the figure clear its bar? Undefined without one. */
export function met({ value, atLeast, atMost }: Figure): boolean | undefined {
  if (atLeast === undefined && atMost === undefined) return undefined
  return value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY)
}
