/** What is thought of a value: not taken in, or taken in, and what that says of the one before it. */
export type Verdict = 'believed' | 'doubted' | 'earlier-was-right' | 'earlier-was-wrong'

/** Values that are doubted, in the learner's units [channels], and how much of the next prediction each is given: 0 where none is. */
export interface Pending {
  readonly values: Float64Array
  readonly shares: Float64Array
}

/** One value, in the learner's units. */
export interface Doubtful {
  readonly value: number
  /** By the model. */
  readonly predicted: number
  /** The last value of the channel that was believed. */
  readonly known: number
  /** What errors usually are, at least: the predicted standard deviation, or what the channel usually moves. */
  readonly deviation: number
}

/**
 * Tells glitches from jumps. A value that is far both from its prediction and from the value before it waits for the next one of its
 * channel: when that errs as it did, it was a jump, else a glitch. Which of the two a channel's surprises have mostly been decides whether
 * the next one is believed meanwhile; where nothing is known yet, gross ones are not.
 * So no value is in doubt for longer than the next one, and of values that contradict one another at most `MOST` in a row are.
 *
 * The question that a robust filter puts by giving outliers a heavy-tailed distribution, answered by what comes next.
 * @see Chang 2014, doi:10.1007/s00190-013-0690-8 (gating innovations); Agamennoni, Nieto & Nebot 2012, doi:10.1109/TSP.2012.2208106.
 */
export class Doubt {
  /**
   * Per channel: `doubted`, 1 where the last value was not believed; `waiting`, how many surprises in a row have not been decided
   * yet or were followed by another; `value` and `error`, the last of them and how far off its prediction it was; `jumps` and
   * `glitches`, how many surprises turned out so, lately; `reach`, how large jumps have been.
   */
  readonly state: Readonly<
    Record<'doubted' | 'waiting' | 'value' | 'error' | 'jumps' | 'glitches' | 'reach', Float64Array>
  >

  constructor(channels: number) {
    const array = () => new Float64Array(channels)
    const [doubted, waiting, value, error] = [array(), array(), array(), array()]
    this.state = { doubted, waiting, value, error, jumps: array(), glitches: array(), reach: array() }
  }

  /** The last surprise of the channel. */
  surprise(channel: number): number {
    return this.state.value[channel]!
  }

  /** Is the last value of the channel not believed yet? */
  isDoubted(channel: number): boolean {
    return this.state.doubted[channel] === 1
  }

  /**
   * The doubted values that may still turn out right. Where a channel's surprises have mostly been glitches none does; else the next prediction
   * goes a fifth of the way. If it was a jump, 64 % of its square are missed instead of all; if it was a glitch, 4 % instead of nothing.
   */
  get pending(): Pending | undefined {
    const { doubted, value, jumps, glitches } = this.state
    const shares = doubted.map((is, j) => (is === 1 && glitches[j]! <= jumps[j]! + MORE ? SHARE : 0))
    return shares.some(share => share > 0) ? { values: value.slice(), shares } : undefined
  }

  /** Nothing is waiting any more: the state begins anew. */
  settle(): void {
    this.state.waiting.fill(0)
    this.state.doubted.fill(0)
  }

  /** Thinks over the next measured value of a channel. */
  weigh(channel: number, now: Doubtful): Verdict {
    const { state } = this
    const error = now.value - now.predicted
    const surprises = Math.min(Math.abs(error), Math.abs(now.value - now.known)) > SURPRISE * now.deviation
    if (state.waiting[channel] === 0) return surprises ? this.#wait(channel, now, error) : 'believed'
    return this.isDoubted(channel)
      ? this.#decideDoubted(channel, now.value, error, surprises)
      : this.#decideBelieved(channel, error, surprises)
  }

  #wait(channel: number, { value, deviation }: Doubtful, error: number): Verdict {
    const { state } = this
    const [jumps, glitches, size] = [state.jumps[channel]!, state.glitches[channel]!, Math.abs(error)]
    const isUsual = jumps > glitches + MORE && size <= FARTHER * state.reach[channel]!
    const believed = isUsual || (size <= GROSS * deviation && glitches <= jumps + MORE)
    state.waiting[channel]!++
    state.value[channel] = value
    state.error[channel] = error
    state.doubted[channel] = believed ? 0 : 1
    return believed ? 'believed' : 'doubted'
  }

  /** What is predicted now knows nothing of the value before. */
  #decideDoubted(channel: number, value: number, error: number, surprises: boolean): Verdict {
    const { state } = this
    const earlier = state.error[channel]!
    const jumped = Math.abs(error - earlier) < Math.abs(error) && !(Math.abs(error) > FARTHER * Math.abs(earlier))
    this.#count(channel, jumped)
    if (surprises && !jumped && state.waiting[channel]! < MOST) {
      state.doubted[channel] = 1
      state.waiting[channel]!++
      state.value[channel] = value
      state.error[channel] = error
      return 'doubted'
    }
    this.#decided(channel)
    return jumped ? 'earlier-was-right' : 'believed'
  }

  /** What is predicted now follows the value before. */
  #decideBelieved(channel: number, error: number, surprises: boolean): Verdict {
    const wrong = surprises && Math.abs(error + this.state.error[channel]!) < Math.abs(error)
    this.#count(channel, !wrong)
    this.#decided(channel)
    return wrong ? 'earlier-was-wrong' : 'believed'
  }

  #decided(channel: number): void {
    this.state.waiting[channel] = 0
    this.state.doubted[channel] = 0
  }

  #count(channel: number, jumped: boolean): void {
    const { jumps, glitches, reach, error } = this.state
    jumps[channel] = MEMORY * jumps[channel]! + (jumped ? 1 : 0)
    glitches[channel] = MEMORY * glitches[channel]! + (jumped ? 0 : 1)
    if (jumped) reach[channel] = Math.max(Math.abs(error[channel]!), MEMORY * reach[channel]!)
  }
}

/** A surprise is an error of more deviations than this. */
const SURPRISE = 8
/** Values in a row that may be doubted. */
const MOST = 3
/** One of more than this is doubted unless jumps have been as large; of one between the two, what they have mostly been is presumed. */
const GROSS = 50
/** So many more of one kind than of the other are a reason to presume it. */
const MORE = 0.5
/** Of the next prediction, for a value of which nothing is known but that it is far off. */
const SHARE = 0.2
/** A jump may be so many times as large as those before it, and the second error in it as the first. */
const FARTHER = 4
/** What each surprise leaves of earlier ones. */
const MEMORY = 0.9
