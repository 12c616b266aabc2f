import type { Observation } from '../observation.js'
import type { Saved } from '../saved.js'
import { restoreObservation, saveObservation } from '../saved-observation.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'
import { isOfNoDay, isOfSize, powerOfOurDays, powerOfTime, scaleOf } from './power-of-time.js'

/** What tells a time in another unit: it is 1000^power times one that would have been expected. */
export interface WrongUnit {
  /** 1 to 3: too large by 1000, 10⁶, 10⁹; −1 to −3: too small. 0: beyond all times of our days, and by no power of 1000. */
  readonly power: number
  /** The last time that was believed, seconds; undefined when it is the first of its key. */
  readonly last: number | undefined
}

/** All that is remembered. */
export interface UnitDoubtState {
  /** The last time, in the unit of those before; NaN before the first. */
  last: number
  /** The last gaps above 0, seconds. */
  gaps: number[]
  /** Sum of all gaps. */
  span: number
  /** What may be in another unit, or may come after a long pause: it waits for others like it. */
  held: Observation[]
  /** By which power of 1000 the last one was off; 0 when it was not. */
  power: number
  /** Its time as it came. */
  doubted: number
  /** Have times of this power been refused, so that the next ones need no second look? */
  refusing: boolean
  /** So many in a row went on as they would after a pause. */
  steady: number
}

/** Gaps that are remembered, gaps before any time is doubted, observations that wait for those behind them. */
const [GAPS, FEWEST, MOST_HELD] = [15, 8, 64]
/** Steady gaps in a row that make a pause: of the first times in doubt, and where such times have been refused. */
const [STEADY, STEADY_AGAIN] = [2, 8]
/** Nothing is in doubt. */
const SURE = { power: 0, doubted: Number.NaN, refusing: false, steady: 0 }

/**
 * Doubts times of one key that are off by a power of 1000, as when a source changes from seconds to milliseconds: 301, 302, and
 * then 303 000. Divided by 1000 such a time stands where the next one is expected; a pause of that very length is as rare as it is
 * long, and is told by how time goes on behind it: by gaps as before, not by a thousand of them. So a doubtful time is held until
 * those behind it have said which it was. Seconds since 1970 need no second look: a thousand times as many are 45 000 years.
 */
export class UnitDoubt implements Storable {
  /** For checkpoints. */
  readonly state: UnitDoubtState = {
    last: Number.NaN,
    gaps: [],
    span: 0,
    held: [],
    ...SURE,
  }
  readonly #refused: (observation: Observation, wrong: WrongUnit) => void

  /** @param refused Gets what is in another unit. */
  constructor(refused: (observation: Observation, wrong: WrongUnit) => void = () => {}) {
    this.#refused = refused
  }

  /** @returns What can be passed on now. */
  take(observation: Observation): Observation[] {
    const { arrival, revision, t } = observation
    if (arrival === 'idle' || revision === 'retract') return [observation]
    const { last } = this.state
    if (isOfNoDay(t, last)) return this.#refuseAtOnce(observation)
    const power = this.#powerOf(t)
    if (revision === undefined) return power === 0 ? this.#believe(observation) : this.#doubt(observation, power)
    // A correction comes once: there is no second one to wait for.
    if (power === 0) return [observation]
    this.#refused(observation, { power, last })
    return []
  }

  /** The end: what nobody bore out is refused. */
  flush(): Observation[] {
    this.#refuseHeld()
    return []
  }

  save(): Saved {
    const { held, gaps, ...rest } = this.state
    return { ...rest, gaps: [...gaps], held: held.map(saveObservation) }
  }

  restore(saved: Section): void {
    Object.assign(this.state, {
      last: saved.at('last').number,
      gaps: saved.at('gaps').list.map(gap => gap.number),
      span: saved.at('span').number,
      held: saved.at('held').list.map(restoreObservation),
      power: saved.at('power').number,
      doubted: saved.at('doubted').number,
      refusing: saved.at('refusing').flag,
      steady: saved.at('steady').number,
    } satisfies UnitDoubtState)
  }

  #powerOf(t: number): number {
    const { last, gaps, span, refusing, power } = this.state
    if (isOfSize(t, last) || gaps.length < FEWEST) return 0
    // Once a unit has been found wrong, it is so behind a pause as well.
    if (refusing && t > last === power > 0) return power
    return powerOfTime(t, { last, gap: median(gaps), span })
  }

  /** Of our days in another unit, or of none at all. */
  #refuseAtOnce(observation: Observation): Observation[] {
    const { last } = this.state
    this.#refused(observation, { power: powerOfOurDays(observation.t), last: Number.isNaN(last) ? undefined : last })
    return []
  }

  #believe(observation: Observation): Observation[] {
    const { state } = this
    const { t } = observation
    const { held } = state
    const waited = held.length > 0 && Math.abs(t - state.doubted) < Math.abs(t - state.last) ? held.splice(0) : []
    this.#refuseHeld()
    for (const earlier of waited) this.#goOn(earlier.t)
    this.#goOn(t)
    Object.assign(state, SURE)
    return [...waited, observation]
  }

  #doubt(observation: Observation, power: number): Observation[] {
    const { state } = this
    if (power !== state.power) {
      this.#refuseHeld()
      Object.assign(state, SURE, { power })
    }
    const gap = Math.abs(observation.t - state.doubted)
    state.doubted = observation.t
    state.held.push(observation)
    // Halfway, on a scale of powers, between a gap as they were and one 1000^power times as long.
    if (gap > 0) {
      const longer = gap > median(state.gaps) * Math.sqrt(scaleOf(power))
      const steady = power > 0 ? !longer : longer
      state.steady = steady ? state.steady + 1 : 0
      if (!steady) state.refusing = true
    }
    const enough = state.refusing ? STEADY_AGAIN : STEADY
    if (state.steady >= enough || (!state.refusing && state.held.length >= MOST_HELD)) return this.#pause()
    if (state.refusing) this.#refuseHeld()
    return []
  }

  /** Time has really gone there. */
  #pause(): Observation[] {
    const { state } = this
    const waited = state.held.splice(0)
    for (const { t } of waited) this.#goOn(t)
    Object.assign(state, SURE)
    return waited
  }

  #refuseHeld(): void {
    const { state } = this
    const { power } = state
    for (const observation of state.held.splice(0)) {
      this.#refused(observation, { power, last: state.last })
      this.#goOn(observation.t / scaleOf(power))
    }
  }

  #goOn(t: number): void {
    const { state } = this
    const gap = Math.abs(t - state.last)
    state.last = t
    if (!(gap > 0)) return
    state.span += gap
    state.gaps.push(gap)
    if (state.gaps.length > GAPS) state.gaps.shift()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
