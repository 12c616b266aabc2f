import pc from 'picocolors'
import type { Estimate } from '../../src/estimate.js'
import type { ChannelScore } from '../../src/learn/prequential-score.js'
import { printable } from '../../src/printable.js'
import type { Progress } from '../pipeline/pipeline.js'
import type { Clock } from '../time/clock.js'
import { table } from './table.js'

/** Where to draw, and how often. */
export interface TerminalViewOptions {
  /** Where it draws. */
  readonly out: NodeJS.WriteStream
  /** Says when it is time to draw again. */
  readonly clock: Clock
  /** On a pipe: observations from one plain line to the next. Default 500. */
  readonly every?: number
}

/** Milliseconds between two drawings on a terminal. */
const REFRESH = 100

/**
 * A live line a channel: value, prediction, interval, running error against persistence. Drawn in place on a terminal; on a
 * pipe, plain lines from time to time.
 */
export class TerminalView {
  readonly #out: NodeJS.WriteStream
  readonly #clock: Clock
  readonly #every: number
  readonly #start: number
  #drawn = 0
  #drawnAt = Number.NEGATIVE_INFINITY

  constructor({ out, clock, every = 500 }: TerminalViewOptions) {
    this.#out = out
    this.#clock = clock
    this.#every = every
    this.#start = clock.now()
  }

  /** Takes an estimate in; draws when it is time. */
  show(estimate: Estimate, progress: Progress): void {
    if (!this.#out.isTTY) {
      if (progress.estimates % this.#every === 0) this.#out.write(`${plainLine(estimate, progress)}\n`)
      return
    }
    const now = this.#clock.now()
    if (now - this.#drawnAt < REFRESH) return
    this.#drawnAt = now
    this.#draw([this.#headline(estimate, progress), ...channelLines(estimate, progress)])
  }

  /** The scores of every channel, once the run is over. */
  close(progress: Progress): void {
    this.#drawn = 0
    for (const line of summaryLines(progress)) this.#out.write(`${line}\n`)
  }

  #headline({ key, t }: Estimate, { estimates }: Progress): string {
    const seconds = (this.#clock.now() - this.#start) / 1000
    const rate = Math.round(estimates / seconds).toLocaleString('en')
    return pc.bold(`${printable(key)}  ${formatTime(t)}  ${estimates.toLocaleString('en')} observations, ${rate}/s`)
  }

  #draw(lines: readonly string[]): void {
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : ''
    this.#out.write(up + lines.map(line => `\u001b[2K${line}\n`).join(''))
    this.#drawn = lines.length
  }
}

function channelLines(estimate: Estimate, { channels, scores }: Progress): string[] {
  const { channels: tallies } = scores.get(estimate.key)!.scores
  const width = Math.max(...channels.map(name => name.length))
  return channels.map((name, j) => {
    const interval = estimate.interval[j]
    const range = interval ? `[${format(interval[0])}, ${format(interval[1])}]` : 'no interval yet'
    const columns = [
      name.padEnd(width),
      pc.bold(format(estimate.observed[j]).padStart(9)),
      `predicted ${format(estimate.predicted[j]).padStart(9)}`,
      pc.dim(range.padEnd(22)),
      `error / persistence ${ratio(tallies[j])}`,
    ]
    return `  ${columns.join('  ')}`
  })
}

function plainLine(estimate: Estimate, { channels, scores, estimates }: Progress): string {
  const { channels: tallies } = scores.get(estimate.key)!.scores
  const parts = channels.map((name, j) => {
    const values = `${format(estimate.observed[j])} (predicted ${format(estimate.predicted[j])})`
    return `${name} ${values} ${ratio(tallies[j])}`
  })
  return `${estimates} ${printable(estimate.key)} ${formatTime(estimate.t)}  ${parts.join('  ')}`
}

/** One line a channel and key: RMSE of the predictions and of persistence, their ratio, and how often the interval held. */
export function summaryLines({
  received,
  ignored,
  estimates,
  learning,
  deadLetters,
  channels,
  scores,
}: Progress): string[] {
  const lines = [`${received} messages, ${estimates} estimates`]
  if (ignored > 0) lines.push(`${ignored} more were ignored, as the mapping says`)
  if (learning.rollbacks > 0)
    lines.push(`parameters went back ${learning.rollbacks} times; learning is frozen for ${learning.frozen} keys`)
  if (learning.stuck > 0)
    lines.push(
      `${learning.stuck} channels have had the same value for far longer than usual; estimates name them in "stuck"`,
    )
  for (const [code, count] of deadLetters) lines.push(`${count} put aside: ${code}`)
  const rows = [['key', 'channel', 'RMSE', 'persistence', 'ratio', 'in interval']]
  for (const [key, score] of [...scores].slice(0, MOST_KEYS)) {
    score.scores.channels.forEach((tally, j) => {
      const inside = tally.coverage === null ? '-' : `${(100 * tally.coverage).toFixed(1)} %`
      rows.push([
        printable(key),
        channels[j] ?? `c${j}`,
        format(tally.rmse),
        format(tally.persistence),
        ratio(tally),
        inside,
      ])
    })
  }
  if (rows.length > 1) lines.push(...table(rows, 2))
  if (scores.size > MOST_KEYS) lines.push(`… and ${scores.size - MOST_KEYS} more keys`)
  return lines
}

/** Keys that the summary lists. */
const MOST_KEYS = 20

function ratio(tally: ChannelScore | undefined): string {
  return tally && tally.persistence > 0 ? (tally.rmse / tally.persistence).toFixed(3) : '-'
}

function format(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '-'
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e7)) return value.toExponential(2)
  return String(Number(value.toPrecision(5)))
}

/** Event times are dates when they look like seconds since 1970, else plain seconds. */
function formatTime(t: number): string {
  return t > 1e8 && t < 1e11 ? `${new Date(t * 1000).toISOString().slice(0, 19)}Z` : `t=${format(t)}`
}
