import { copy } from '../copy.js'
import type { VectorField } from '../field/vector-field.js'
import { allFinite } from '../finite.js'
import type { Stretch } from '../kernel/network.js'
import { type IntegratorOptions, integratorSettings } from './integrator-options.js'
import type { Method } from './method.js'
import { type Outcome, REACHED } from './outcome.js'
import type { StepStart } from './schemes/scheme.js'
import { Tape, type TapeStep } from './solution/tape.js'
import { Gearbox } from './steps/gearbox.js'
import { initialStep } from './steps/initial-step.js'
import { fitStep, justBefore, moved, smallestStep } from './steps/step-length.js'
import type { StepWatcher } from './steps/step-watcher.js'
import type { Progress } from './steps/strides.js'

/** Times a stop is refined: each doubles the digits. */
const MOST_REFINEMENTS = 5

/**
 * Carries a state from one time to another, landing on the end exactly, and keeps its step size for the next stretch.
 * Forward or backward in time. Allocates nothing once its tape has its length.
 */
export class Integrator {
  /** What is solved. */
  readonly field: VectorField
  /** A method of `methods`, or `auto`; src/ode/methods.md says which for what. */
  readonly method: Method
  /**
   * What it carries from stretch to stretch, for checkpoints: the magnitude of the step to try next (0 when it has to be
   * estimated first), the controller's memory of two errors, the detector's two counts, and whether the stiff method is at work.
   */
  readonly state = new Float64Array(6)
  readonly #options: { readonly rtol: number; readonly atol: number; readonly maxSteps: number }
  readonly #fixedStep: number | undefined
  readonly #gears: Gearbox
  readonly #scratch: Tape
  /** Result of the step tried last. */
  readonly #end: Float64Array
  readonly #stretch: { from: number; to: number; past: boolean; readonly most: number }
  #start: StepStart = 'new'
  #estimates = 0

  /**
   * @throws ContraflowError OPTION_INVALID for a tolerance, step or budget that is not positive, and for adaptive steps of a method
   * without an error estimate.
   */
  constructor(field: VectorField, options: IntegratorOptions) {
    const { method, rtol, atol, step, maxSteps, normed, control } = integratorSettings(field, options)
    this.field = field
    this.method = method
    this.#options = { rtol, atol, maxSteps }
    this.#stretch = { from: 0.5, to: 0.5, past: false, most: maxSteps }
    this.#fixedStep = step
    this.#gears = new Gearbox(field, method, { tolerances: { rtol, atol, normed }, control }, this.state.subarray(1))
    this.#scratch = this.createTape()
    this.#end = new Float64Array(field.dimension)
  }

  /** Evaluations of f so far. */
  get evaluations(): number {
    return this.#estimates + this.#gears.evaluations
  }

  /** Jacobians of f so far. */
  get jacobians(): number {
    return this.#gears.jacobians
  }

  /** When the field was first found stiff; NaN while it was not. */
  get stiffSince(): number {
    return this.#gears.stiffSince
  }

  /** Magnitude of the step to try next; 0 when it has to be estimated first. */
  get stepSize(): number {
    return this.state[0]!
  }

  /** A tape of the right shape for `propagate`. */
  createTape(): Tape {
    return new Tape(this.method, this.field.dimension, this.field)
  }

  /**
   * Integrates z [d] in place from `from` to `to`. Appends every accepted step to `tape` when there is one.
   * The first slope is always evaluated anew: what happened at `from` may have changed z or f.
   * @param watcher May end the stretch earlier.
   * @returns How it ended; z is the last accepted state. Equal times change nothing and cost nothing.
   */
  propagate(from: number, to: number, z: Float64Array, tape?: Tape, watcher?: StepWatcher): Outcome {
    if (from === to) return REACHED
    this.#begin()
    return this.#fixedStep === undefined
      ? this.#adaptive(this.#stretchOf(from, to, false), z, tape, watcher)
      : this.#fixed(from, to, z, tape, watcher)
  }

  /**
   * The same, but the last step goes beyond `to` as far as it likes: for those who read what they need from dense output.
   * With fixed steps it lands.
   */
  propagatePast(from: number, to: number, z: Float64Array, tape: Tape): Outcome {
    if (this.#fixedStep !== undefined || from === to) return this.propagate(from, to, z, tape)
    this.#begin()
    return this.#adaptive(this.#stretchOf(from, to, true), z, tape, undefined)
  }

  /** The same object every time: it is asked for thirty times an observation. */
  #stretchOf(from: number, to: number, past: boolean): Stretch {
    const stretch = this.#stretch
    stretch.from = from
    stretch.to = to
    stretch.past = past
    return stretch
  }

  #begin(): void {
    this.#start = 'new'
    this.#gears.current.scheme.begin()
  }

  #fixed(from: number, to: number, z: Float64Array, tape?: Tape, watcher?: StepWatcher): Outcome {
    const { maxSteps } = this.#options
    const count = Math.max(1, Math.ceil(Math.abs(to - from) / this.#fixedStep! - 1e-9))
    if (!(count <= maxSteps)) return { kind: 'budget-spent', t: from, steps: maxSteps, stiff: false }
    let t = from
    for (let n = 1; n <= count; n++) {
      const end = n === count ? to : from + (n * (to - from)) / count
      const solved = this.#attempt({ t, h: end - t, end: n === count ? justBefore(to, to - from) : end }, z, tape)
      if (!solved) return { kind: 'not-solved', t, h: end - t }
      if (!allFinite(this.#end)) return { kind: 'not-finite', t }
      const stop = watcher?.stopIn(this.#record(tape)) ?? Number.NaN
      if (!Number.isNaN(stop)) return this.#stopAt(stop, t, z, tape, watcher!)
      this.#accept(z, tape)
      t = end
    }
    return REACHED
  }

  #adaptive(stretch: Stretch, z: Float64Array, tape: Tape | undefined, watcher: StepWatcher | undefined): Outcome {
    const { from, to, past, most: maxSteps } = stretch
    const direction = to > from ? 1 : -1
    // A step size that does not move the time is as good as none.
    if (from + direction * this.stepSize === from) this.#estimateStep(from, direction, z, tape)
    const stride = watcher || !tape ? undefined : this.#stride(stretch, z, tape)
    if (stride?.t === to) return REACHED
    let t = stride?.t ?? from
    for (let steps = stride?.attempts ?? 0; steps < maxSteps; steps++) {
      const remaining = Math.abs(to - t)
      const h = past ? this.stepSize : fitStep(this.stepSize, remaining)
      if (t + direction * h === t) return this.#collapsed(t, 0)
      const { error: localError } = this.#gears.current
      const lands = h === remaining
      const solved = this.#attempt(
        lands
          ? { t, h: to - t, end: justBefore(to, direction) }
          : { t, h: moved(t, direction * h), end: t + direction * h },
        z,
        tape,
      )
      const error = solved ? localError.of(this.#record(tape), this.#end) : Number.POSITIVE_INFINITY
      if (!(error <= 1)) {
        if (!this.#shorten(h, error, t)) return this.#collapsed(t, error)
        continue
      }
      this.#adapt(h, error)
      const stop = watcher?.stopIn(this.#record(tape)) ?? Number.NaN
      if (!Number.isNaN(stop)) return this.#stopAt(stop, t, z, tape, watcher!)
      this.#gears.watch(this.#record(tape))
      if (h >= remaining) return this.#arrive(z, tape)
      this.#accept(z, tape)
      t += direction * h
    }
    return { kind: 'budget-spent', t, steps: maxSteps, stiff: this.#gears.stiff }
  }

  /** Many ordinary steps at once, where the field can do that. */
  #stride(stretch: Stretch, z: Float64Array, tape: Tape): Progress | undefined {
    const known = this.#start !== 'new'
    const progress = this.#gears.current.strides?.take(stretch, z, tape, known, this.state)
    if (progress) this.#start = progress.known ? 'slope-known' : 'new'
    return progress
  }

  /** @returns false when the step would no longer move the time. */
  #shorten(h: number, error: number, t: number): boolean {
    this.state[0] = h * Math.min(1, this.#gears.current.control.factor(error))
    return this.stepSize > smallestStep(t)
  }

  /** A step cut short to land says little about the next: it may lengthen what was planned, not shorten it. */
  #adapt(h: number, error: number): void {
    const { control } = this.#gears.current
    const proposed = h * control.factor(error)
    const cutShort = h < this.stepSize
    this.state[0] = cutShort ? Math.max(this.stepSize, proposed) : proposed
    if (!cutShort) control.remember(error)
  }

  /** Takes the step just tried again, up to `stop` inside it, and ends there. */
  #stopAt(stop: number, t: number, z: Float64Array, tape: Tape | undefined, watcher: StepWatcher): Outcome {
    let end = stop
    for (let n = 0; ; n++) {
      if (end === t) return { kind: 'event', t }
      const solved = this.#attempt({ t, h: end - t, end }, z, tape)
      if (!solved || !allFinite(this.#end)) return { kind: 'not-finite', t }
      const better = watcher.refine(end, this.#end)
      if (n === MOST_REFINEMENTS || Math.abs(better - end) <= 4 * Number.EPSILON * Math.abs(end)) break
      end = better
    }
    this.#accept(z, tape)
    return { kind: 'event', t: end }
  }

  #estimateStep(t: number, direction: number, z: Float64Array, tape: Tape | undefined): void {
    const step = this.#record(tape)
    const slope = step.slopes[0]!
    this.field.evaluate(t, z, slope, step.kept[0])
    const { controlOrder: order } = this.#gears.current.scheme.method
    const estimate = initialStep(this.field, { t, z, slope }, direction, { ...this.#options, order })
    this.state[0] = Math.max(estimate, smallestStep(t))
    this.#estimates += 2
    this.#start = 'slope-known'
  }

  #attempt(
    { t, h, end }: { readonly t: number; readonly h: number; readonly end: number },
    z: Float64Array,
    tape: Tape | undefined,
  ): boolean {
    const { scheme } = this.#gears.current
    const step = this.#record(tape)
    step.t = t
    step.h = h
    step.end = end
    step.method = scheme.method
    step.extended = false
    const solved = scheme.attempt(step, z, this.#end, this.#start)
    this.#start = 'again'
    return solved
  }

  /** Accepts the last step of a stretch: the next one begins with a slope of its own. */
  #arrive(z: Float64Array, tape: Tape | undefined): Outcome {
    copy(this.#end, z)
    tape?.accept()
    return REACHED
  }

  #accept(z: Float64Array, tape: Tape | undefined): void {
    copy(this.#end, z)
    const last = this.#record(tape)
    tape?.accept()
    if (!last.method.firstSameAsLast) {
      this.#start = 'new'
      return
    }
    const next = this.#record(tape)
    copy(last.slopes[last.method.stages - 1]!, next.slopes[0]!)
    next.kept[0]!.set(last.kept[last.method.stages - 1]!)
    this.#start = 'slope-known'
  }

  #record(tape: Tape | undefined): TapeStep {
    return (tape ?? this.#scratch).next
  }

  #collapsed(t: number, error: number): Outcome {
    const h = this.stepSize
    this.state[0] = 0
    return error < Infinity ? { kind: 'step-underflow', t, h, stiff: this.#gears.stiff } : { kind: 'not-finite', t }
  }
}
