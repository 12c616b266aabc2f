import type { Sweep } from '../../adjoint/sweep.js'
import type { Model } from '../model/model.js'
import type { LearningRule, RuleReport } from './learning-rule.js'

/** Where the numbers of a guard are in its `marks`. */
const [RATE, ROLLBACKS, SINCE_ROLLBACK, SINCE_SNAPSHOT, FAILURES] = [0, 1, 2, 3, 4]

/**
 * Watches over the parameters. An update that is not finite changes nothing. When parameters leave the range in which they can be
 * meant, or one sweep after the other fails, they go back to the last ones that have proved themselves, and what the rule has
 * gathered is forgotten. Updates are half as large from then on. The third time that parameters ran away, learning is frozen, and
 * predicting goes on; sweeps also fail with parameters that are as good as they were, which freezes nothing.
 *
 * Parameters have proved themselves when they have stood through `SNAPSHOT` further updates.
 */
export class Guard {
  /** For checkpoints: parameters that have proved themselves, those that are on trial, and the numbers. */
  readonly state: { readonly good: Float64Array; readonly candidate: Float64Array; readonly marks: Float64Array }
  readonly #model: Model
  readonly #rule: LearningRule
  readonly #before: Float64Array
  readonly #limit: number

  constructor(model: Model, rule: LearningRule) {
    const { parameters } = model
    this.#model = model
    this.#rule = rule
    this.#before = parameters.slice()
    this.#limit = RANGE * parameters.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
    this.state = { good: parameters.slice(), candidate: parameters.slice(), marks: Float64Array.of(1, 0, 0, 0, 0) }
  }

  get frozen(): boolean {
    return this.state.marks[ROLLBACKS]! >= MOST_ROLLBACKS
  }

  /** One update by the rule, or none. The sweep reached the end. */
  learn(sweep: Sweep, index: number, remember: boolean): RuleReport {
    const { marks } = this.state
    marks[FAILURES] = 0
    if (this.frozen) return { gradientNorm: 0, rejected: FROZEN, guard: 'frozen' }
    const { parameters } = this.#model
    this.#before.set(parameters)
    const report = this.#rule.learn(sweep, index, remember)
    if (report.rejected !== undefined) return report
    const rate = marks[RATE]!
    if (rate < 1)
      for (let i = 0; i < parameters.length; i++)
        parameters[i] = this.#before[i]! + rate * (parameters[i]! - this.#before[i]!)
    for (let i = 0; i < parameters.length; i++)
      if (!(Math.abs(parameters[i]!) <= this.#limit)) {
        const { gradientNorm } = report
        return { gradientNorm, ...this.#rollBack(`A parameter became ${parameters[i]}.`) }
      }
    this.#proceed()
    return report
  }

  /** A sweep failed. @param reason Why. @returns What is to be reported. */
  failed(reason: string): RuleReport {
    const { marks } = this.state
    const failures = ++marks[FAILURES]!
    if (this.frozen || failures < MOST_FAILURES || marks[SINCE_SNAPSHOT] === 0)
      return { gradientNorm: 0, rejected: reason }
    const told = `${reason} It was so ${failures} times in a row.`
    if (this.#distance() > FAR * this.#limit) return { gradientNorm: 0, ...this.#rollBack(told) }
    this.#goBack()
    const rejected = `${told} The parameters went back to the last good ones; updates are ${marks[RATE]} of their size now.`
    return { gradientNorm: 0, rejected, guard: 'rolled-back' }
  }

  /** How far the farthest parameter is from what proved itself last. */
  #distance(): number {
    const { good } = this.state
    return this.#model.parameters.reduce((most, value, i) => Math.max(most, Math.abs(value - good[i]!)), 0)
  }

  #proceed(): void {
    const { good, candidate, marks } = this.state
    if (++marks[SINCE_SNAPSHOT]! >= SNAPSHOT) {
      marks[SINCE_SNAPSHOT] = 0
      good.set(candidate)
      candidate.set(this.#model.parameters)
    }
    if ((marks[ROLLBACKS] === 0 && marks[RATE] === 1) || ++marks[SINCE_ROLLBACK]! < FORGIVEN) return
    Object.assign(marks, { [ROLLBACKS]: 0, [SINCE_ROLLBACK]: 0, [RATE]: Math.min(1, 2 * marks[RATE]!) })
  }

  #goBack(): void {
    const { good, candidate, marks } = this.state
    this.#model.parameters.set(good)
    candidate.set(good)
    this.#rule.restart()
    const rate = Math.max(LEAST_RATE, marks[RATE]! / 2)
    Object.assign(marks, { [RATE]: rate, [SINCE_ROLLBACK]: 0, [SINCE_SNAPSHOT]: 0, [FAILURES]: 0 })
  }

  #rollBack(reason: string): Pick<RuleReport, 'rejected' | 'guard'> {
    const { marks } = this.state
    this.#goBack()
    const rollbacks = ++marks[ROLLBACKS]!
    const sentence = `${reason} The parameters went back to the last good ones (${rollbacks} of ${MOST_ROLLBACKS})`
    if (this.frozen) return { rejected: `${sentence}; learning is frozen.`, guard: 'frozen' }
    return { rejected: `${sentence}; updates are ${marks[RATE]} of their size now.`, guard: 'rolled-back' }
  }
}

/** Parameters may be so many times as large as the largest was at the start, or one. */
const RANGE = 100
/** Parameters that are as far as this from the last good ones when sweeps fail have run away, of the largest that they may become. */
const FAR = 0.25
const SNAPSHOT = 64
const MOST_ROLLBACKS = 3
/** Halved ten times. */
const LEAST_RATE = 2 ** -10
/** Sweeps in a row. */
const MOST_FAILURES = 4
/** Updates after which earlier rollbacks count no more. */
const FORGIVEN = 1000
const FROZEN = `Learning is frozen: the parameters ran away ${MOST_ROLLBACKS} times. Lower the rate, or start anew.`
