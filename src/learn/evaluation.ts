import type { Estimate } from '../estimate.js'
import { difference, type ErrorUnit, inOwnUnit, makeRoom } from './error-unit.js'

/** Errors of one channel over a part of a stream, in its unit. */
export interface ChannelEvaluation {
  readonly count: number
  readonly rmse: number
  /** RMSE of persistence over the same values. */
  readonly persistence: number
  /** Standard deviation of the values themselves. */
  readonly deviation: number
  /** Share inside the interval; null without intervals. */
  readonly coverage: number | null
}

export interface EvaluationPart {
  readonly channels: readonly ChannelEvaluation[]
  /** Root mean square over the channels of RMSE in units of the channel's deviation; the same for persistence. */
  readonly pooled: { readonly model: number; readonly persistence: number }
}

/** Sums over a block of observations: one row a channel. */
type Block = Sums[]

interface Sums extends ErrorUnit {
  count: number
  squares: number
  persistence: number
  sum: number
  sumSquares: number
  intervals: number
  inside: number
}

/** Observations summed into one block: how exactly a part can be cut out. */
const BLOCK = 50

/** Prequential errors of a stream, kept in blocks so that any part of it can be looked at when its length is known. */
export class Evaluation {
  readonly #blocks: Block[] = []
  readonly #last = new Map<string, (number | null)[]>()
  /** First measured value of each channel: sums are taken around it, so that a large mean costs no digits. */
  readonly #origin: number[] = []
  #count = 0

  observe({ key, observed, predicted, interval, revision }: Estimate): void {
    if (revision) return
    if (this.#count++ % BLOCK === 0) this.#blocks.push(observed.map(emptySums))
    const block = this.#blocks.at(-1)!
    const last = this.#last.get(key) ?? observed.map(() => null)
    observed.forEach((value, j) => {
      if (value === null) return
      this.#tally((block[j] ??= emptySums()), j, value, {
        predicted: predicted[j],
        last: last[j],
        interval: interval[j],
      })
      last[j] = value
    })
    this.#last.set(key, last)
  }

  #tally(
    sums: Sums,
    channel: number,
    value: number,
    against: {
      readonly predicted: number | null | undefined
      readonly last: number | null | undefined
      readonly interval: readonly [number, number] | null | undefined
    },
  ): void {
    const { predicted, last, interval } = against
    if (predicted == null || last == null) return
    const error = difference(value, predicted)
    const change = difference(value, last)
    const centred = difference(value, (this.#origin[channel] ??= value))
    const size = Math.max(Math.abs(error), Math.abs(change), Math.abs(centred))
    makeRoom(sums, size, factor => shrink(sums, factor))
    const { unit } = sums
    sums.count++
    sums.squares += (error * unit) ** 2
    sums.persistence += (change * unit) ** 2
    sums.sum += centred * unit
    sums.sumSquares += (centred * unit) ** 2
    if (!interval) return
    sums.intervals++
    if (interval[0] <= value && value <= interval[1]) sums.inside++
  }

  /** From this share of the observations to the end: 0 is all, 0.5 the second half. */
  part(from: number): EvaluationPart {
    const blocks = this.#blocks.slice(Math.floor(from * this.#blocks.length))
    const channels = this.#origin.map((_, j) => evaluate(blocks.map(block => block[j] ?? emptySums())))
    const pool = (pick: (channel: ChannelEvaluation) => number) => {
      const ratios = channels.filter(({ count, deviation }) => count > 0 && deviation > 0)
      return Math.sqrt(
        ratios.reduce((sum, channel) => sum + (pick(channel) / channel.deviation) ** 2, 0) / ratios.length,
      )
    }
    return {
      channels,
      pooled: { model: pool(({ rmse }) => rmse), persistence: pool(({ persistence }) => persistence) },
    }
  }
}

function evaluate(blocks: readonly Sums[]): ChannelEvaluation {
  const total = emptySums()
  for (const block of blocks) add(total, block)
  const { unit, count, squares, persistence, sum, sumSquares, intervals, inside } = total
  return {
    count,
    rmse: inOwnUnit(Math.sqrt(squares / count), unit),
    persistence: inOwnUnit(Math.sqrt(persistence / count), unit),
    deviation: inOwnUnit(Math.sqrt(Math.max(0, sumSquares / count - (sum / count) ** 2)), unit),
    coverage: intervals === 0 ? null : inside / intervals,
  }
}

/** Adds up, in the larger of their two units. */
function add(total: Sums, block: Sums): void {
  const unit = Math.min(total.unit, block.unit)
  const summand = { ...block }
  for (const sums of [total, summand]) {
    if (unit < sums.unit) shrink(sums, unit)
    sums.unit = unit
  }
  for (const name of SUMMED) total[name] += summand[name]
}

function shrink(sums: Sums, factor: number): void {
  sums.sum *= factor
  for (const name of ['squares', 'persistence', 'sumSquares'] as const) sums[name] = sums[name] * factor * factor
}

function emptySums(): Sums {
  return { unit: 1, count: 0, squares: 0, persistence: 0, sum: 0, sumSquares: 0, intervals: 0, inside: 0 }
}

const SUMMED = ['count', 'squares', 'persistence', 'sum', 'sumSquares', 'intervals', 'inside'] as const
