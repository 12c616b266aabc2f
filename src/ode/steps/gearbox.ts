import type { VectorField } from '../../field/vector-field.js'
import { firstTableau, type Method, stiffTableau } from '../method.js'
import { createScheme } from '../schemes/create-scheme.js'
import { ExplicitScheme } from '../schemes/explicit-scheme.js'
import { ImplicitScheme } from '../schemes/implicit-scheme.js'
import type { Scheme } from '../schemes/scheme.js'
import type { TapeStep } from '../solution/tape.js'
import type { Tableau } from '../tableau/tableau.js'
import { LocalError, type Tolerances } from './local-error.js'
import { StepControl, type StepControlOptions } from './step-control.js'
import { StiffnessDetector } from './stiffness-detector.js'
import { Strides } from './strides.js'

/** One Runge–Kutta method at work: how it steps, judges its error and follows it. */
export interface Gear {
  readonly scheme: Scheme
  readonly error: LocalError
  readonly control: StepControl
  /** Many ordinary steps at once, where the field can do that. */
  readonly strides: Strides | undefined
}

/** Implicit steps in a row that the explicit method could have taken, before it gets its turn again. */
const CALM_STEPS = 10

/** The methods of an integrator: one, or an explicit and an implicit one that it changes between. */
export class Gearbox {
  /** When the field was first found stiff; NaN while it was not. */
  stiffSince = Number.NaN
  readonly #gears: readonly Gear[]
  readonly #detector: StiffnessDetector
  /** The controller's memory of two errors, the detector's two counts, and which gear is in. */
  readonly #state: Float64Array

  /** @param state Five numbers to keep the state in. */
  constructor(
    field: VectorField,
    method: Method,
    options: { readonly tolerances: Tolerances; readonly control: StepControlOptions | undefined },
    state: Float64Array,
  ) {
    const { tolerances, control } = options
    const gear = (tableau: Tableau): Gear => {
      const scheme = createScheme(field, tableau, tolerances)
      const follow = new StepControl(tableau.controlOrder, control, state.subarray(0, 2))
      return {
        scheme,
        error: new LocalError(tableau, field.dimension, tolerances),
        control: follow,
        strides: scheme instanceof ExplicitScheme ? Strides.of(field, scheme, follow, tolerances) : undefined,
      }
    }
    const stiff = stiffTableau(method)
    this.#gears = [firstTableau(method), ...(stiff ? [stiff] : [])].map(gear)
    this.#detector = new StiffnessDetector(tolerances, state.subarray(2, 4))
    this.#state = state
  }

  get current(): Gear {
    return this.#gears[this.#state[4]!]!
  }

  get stiff(): boolean {
    return !Number.isNaN(this.stiffSince)
  }

  get evaluations(): number {
    return this.#gears.reduce((sum, { scheme }) => sum + scheme.evaluations, 0)
  }

  get jacobians(): number {
    return this.#gears.reduce((sum, { scheme }) => sum + scheme.jacobians, 0)
  }

  /** Looks at an accepted step: notes when the field is stiff, and changes gear when there is another. */
  watch(step: TapeStep): void {
    const { scheme } = this.current
    if (scheme instanceof ImplicitScheme) this.#watchImplicit(scheme, step)
    else if (step.method.showsStiffness && this.#detector.observe(step)) {
      if (!this.stiff) this.stiffSince = step.t
      if (this.#gears.length > 1) this.#change(1)
    }
  }

  #watchImplicit(scheme: ImplicitScheme, { h }: TapeStep): void {
    if (this.#gears.length === 1) return
    const { stability } = this.#gears[0]!.scheme.method
    const calm = Math.abs(h) * scheme.rate < 0.5 * stability
    this.#state[2] = calm ? this.#state[2]! + 1 : 0
    if (this.#state[2] >= CALM_STEPS) this.#change(0)
  }

  #change(gear: number): void {
    this.#state.fill(0)
    this.#state[4] = gear
  }
}
