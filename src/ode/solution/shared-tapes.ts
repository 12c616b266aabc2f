import type { Integrator } from '../integrator.js'
import type { Method } from '../method.js'
import type { Tape } from './tape.js'

/**
 * Tapes for many sweeps that take turns: one for each shape. A tape matters only from a sweep forward to the sweeps backward
 * over the same window, and is most of the memory of a small learner, so thousands of learners of one thread share one.
 */
export class SharedTapes {
  readonly #tapes = new Map<Method, Map<string, Tape>>()

  /** The tape for integrators of this shape. What it holds is valid until another of them writes. */
  tapeFor(integrator: Integrator): Tape {
    const { method, field } = integrator
    let shapes = this.#tapes.get(method)
    if (!shapes) this.#tapes.set(method, (shapes = new Map()))
    const shape = `${field.dimension} ${field.keeps ?? 0}`
    let tape = shapes.get(shape)
    if (!tape) shapes.set(shape, (tape = integrator.createTape()))
    return tape
  }
}
