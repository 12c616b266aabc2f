import type { Arena } from './arena.js'
import type { ArenaArray } from './arena-array.js'
import type { Kernel, NetworkKernels } from './kernel.js'
import { type NetworkLayout, type NetworkShape, networkLayout } from './network-layout.js'
import { createStepRecord, type StepRecord } from './step-record.js'
import type { StepTableau } from './step-tableau.js'
import type { Stepper } from './stepper.js'

/** From where to where steps are to lead: `past` says that the last may go beyond `to`. At most so many attempts. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly past: boolean
  readonly most: number
}

/**
 * A perceptron in the memory of the kernels: its weights, laid out for both directions, the gradients it gathers, and places to hand
 * over vectors. Lives as long as this object.
 */
export class Network {
  /** float64 places for z, a, and dz or az [d each]. */
  readonly z: Float64Array
  readonly a: Float64Array
  readonly slope: Float64Array
  /** θ to be packed; or the gradient that was collected [p]. */
  readonly theta: Float64Array
  /** What an evaluation leaves for its vjp, where no array of `createKept` was given to it. */
  readonly kept: Float64Array
  readonly #arena: Arena
  readonly #kernels: NetworkKernels
  readonly #address: number
  readonly #places: { readonly z: number; readonly a: number; readonly slope: number; readonly theta: number }
  readonly #scratch: number

  private constructor(kernel: Kernel, kernels: NetworkKernels, layout: NetworkLayout, parameters: number) {
    const base = kernel.arena.allocate(layout.bytes, this)
    const at = (offset: number) => base + offset
    const dimension = layout.words[1]!
    this.#arena = kernel.arena
    this.#kernels = kernels
    this.#address = base
    this.#scratch = at(layout.scratch)
    this.#places = { z: at(layout.z), a: at(layout.a), slope: at(layout.slope), theta: at(layout.theta) }
    this.z = kernel.arena.float64(this.#places.z, dimension)
    this.a = kernel.arena.float64(this.#places.a, dimension)
    this.slope = kernel.arena.float64(this.#places.slope, dimension)
    this.theta = kernel.arena.float64(this.#places.theta, parameters)
    this.kept = kernel.arena.float64(this.#scratch, layout.keptBytes / 8)
    if (base === 0) return
    const words = new Uint32Array(kernel.arena.memory.buffer, base, layout.words.length)
    words.set(layout.words)
    for (const index of layout.addresses) words[index]! += base
  }

  /** @param parameters p. @returns undefined when the memory of the kernels is used up. */
  static create(kernel: Kernel, shape: NetworkShape, parameters: number): Network | undefined {
    const kernels = shape.bytes === 8 ? kernel.f64 : kernel.f32
    const network = new Network(kernel, kernels, networkLayout(shape, parameters), parameters)
    return network.#address === 0 ? undefined : network
  }

  /** Takes over `theta`. */
  pack(): void {
    this.#kernels.pack(this.#address, this.#places.theta)
  }

  /** Places for what `count` evaluations leave. Undefined when there is no room. */
  createKept(count: number): ArenaArray[] | undefined {
    return this.#arena.arrays(count, this.kept.length)
  }

  /** A record of a step. Undefined when there is no room. */
  createRecord(stages: number): StepRecord | undefined {
    return createStepRecord(this.#arena, stages, this.z.length, this.kept.length)
  }

  /** Stages of a step from `first` on; what they make of it, weighed by b, goes to `slope`. */
  attempt(tableau: StepTableau, record: StepRecord, first: number): void {
    this.#kernels.attempt(this.#address, tableau.address, record.address, first, this.#places.slope)
  }

  /** Steps from z on. @returns How many; z and the stepper know where they led. */
  advance(tableau: StepTableau, stepper: Stepper, record: StepRecord, { to, past, most }: Stretch): number {
    const { z, slope } = this.#places
    const [method, control, first] = [tableau.address, stepper.address, record.address]
    return this.#kernels.advance(this.#address, method, control, first, to, z, slope, past ? 1 : 0, most)
  }

  /** All stages of a step down to `last` pulled back: λ in `a` is changed; κ of the first goes to `slope`. */
  pullStep(tableau: StepTableau, record: StepRecord, last: number): void {
    const { a, slope } = this.#places
    this.#kernels.pullStep(this.#address, tableau.address, record.address, last, a, slope)
  }

  /** λ in `a` at the end of a step pulled back through it and those before it. */
  pullSteps(tableau: StepTableau, record: StepRecord, count: number): void {
    const { a, slope } = this.#places
    this.#kernels.pullSteps(this.#address, tableau.address, record.address, count, a, slope)
  }

  /** f(t, z) goes to `slope`, what the vjp needs to the array of `createKept` at this address, or to `kept`. */
  evaluate(t: number, kept: number): void {
    const { z, slope } = this.#places
    this.#kernels.evaluate(this.#address, t, z, slope, kept || this.#scratch)
  }

  /**
   * Adds aᵀ∂f/∂z to `slope` and gathers aᵀ∂f/∂θ.
   * @param kept The address an evaluation at this place was given; 0: it used `kept`; −1: none has been made.
   * @returns aᵀ∂f/∂t.
   */
  pull(t: number, kept: number): number {
    const { z, a, slope } = this.#places
    return this.#kernels.pull(this.#address, t, z, a, slope, kept < 0 ? 0 : kept || this.#scratch)
  }

  /** What was gathered goes to `theta`, and is gathered no more. */
  collect(): void {
    this.#kernels.collect(this.#address, this.#places.theta)
  }
}
