import type { UpdateReport } from '../../estimate.js'
import { isMeasured, type Observation } from '../../observation.js'
import { type Judgement, judge, type Trained } from '../judge.js'
import type { RuleReport } from '../rules/learning-rule.js'
import { createLabel } from './labels.js'
import type { GapsAround } from './window-sweep.js'

/** What became of a late observation, a correction or a retraction. */
export interface Revised {
  readonly revision: 'late' | 'corrected' | 'retracted'
  readonly report: RuleReport
  readonly judgement: Judgement
  /** What is no longer there [channels]. */
  readonly removed?: Float64Array
}

/**
 * Inserts what came late where it belongs in the window and learns from it, replaces what is corrected, takes out what is
 * retracted.
 * @param known Last measured value of each channel [channels]; NaN before there was one.
 * @returns undefined, and nothing has changed, when it is older than the window or the window has no such id.
 */
export function revise(
  trained: Trained,
  observation: Observation,
  known: Float64Array,
  maxGap: number,
): Revised | undefined {
  const { labels } = trained.filter
  const place = new Place(trained, known, maxGap)
  if (!observation.revision) return observation.t < labels.startTime ? undefined : place.insert(observation, 'late')
  const index = labels.indexOf(observation.id)
  if (index < 0) return undefined
  const { y: removed } = labels.at(index)
  const taken = place.remove(index)
  const moved = observation.revision === 'correct' && observation.t >= labels.startTime
  return { ...(moved ? place.insert(observation, 'corrected') : taken), removed }
}

class Place {
  readonly #trained: Trained
  readonly #known: Float64Array
  readonly #maxGap: number

  constructor(trained: Trained, known: Float64Array, maxGap: number) {
    this.#trained = trained
    this.#known = known
    this.#maxGap = maxGap
  }

  insert({ t, y, id }: Observation, revision: Revised['revision']): Revised {
    const { filter, normaliser } = this.#trained
    const index = filter.labels.placeOf(t)
    const before = this.#knownBefore(index)
    const normalised = new Float64Array(y.length)
    normaliser.normalise(y, normalised)
    const report = filter.revisions.insert(index, this.#gaps(index, t, index), normalised, createLabel(t, id, y))
    return { revision, report, judgement: judge(this.#trained, y, before, { inTime: false }) }
  }

  remove(index: number): Revised {
    const { filter } = this.#trained
    const { t, y } = filter.labels.at(index)
    const before = this.#knownBefore(index)
    const report = filter.revisions.remove(index, this.#gaps(index, t, index + 1))
    const nothing = new Float64Array(y.length).fill(Number.NaN)
    return { revision: 'retracted', report, judgement: judge(this.#trained, nothing, before, { inTime: false }) }
  }

  #gaps(index: number, t: number, next: number): GapsAround {
    const { labels } = this.#trained.filter
    const [from, to] = [labels.time(index - 1), next < labels.length ? labels.time(next) : t]
    return { before: this.#gap(from, t), after: this.#gap(t, to), across: this.#gap(from, to) }
  }

  #gap(from: number, to: number): number {
    return Math.min((to - from) / this.#trained.normaliser.timeScale, this.#maxGap)
  }

  /** Of channels that the window does not show before it, what the state says at its start. */
  #knownBefore(index: number): Float64Array {
    const { filter, normaliser } = this.#trained
    return filter.labels.knownBefore(index, this.#known.length).map((value, j) => {
      if (isMeasured(value) || !isMeasured(this.#known[j]!)) return value
      return normaliser.restore(filter.startOf(j), j)
    })
  }
}

/** What is reported of an update. */
export function updateReport(count: number, { gradientNorm, rejected, guard, clipped }: RuleReport): UpdateReport {
  return {
    count,
    gradientNorm,
    ...(rejected !== undefined && { rejected }),
    ...(guard && { guard }),
    ...(clipped && { clipped }),
  }
}
