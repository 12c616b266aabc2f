import { type Injection, type ObservedPath, Sweep } from '../../src/adjoint/sweep.js'
import { none } from '../../src/adjoint/update/none.js'
import { mlp } from '../../src/field/mlp.js'
import type { VectorField } from '../../src/field/vector-field.js'
import { adam } from '../../src/learn/rules/adam.js'
import type { Optimizer } from '../../src/learn/rules/optimizer.js'
import { methodOf } from '../../src/ode/method.js'
import { describeOutcome, REACHED } from '../../src/ode/outcome.js'
import type { PeerSolution } from './peers/python-peer.js'
import { networkOf, type WindowProblem } from './window-problem.js'

/** One window, solved and learned from again and again: forward, backward, one step of Adam. */
export class WindowUpdate {
  readonly #path: ObservedPath
  readonly #sweep: Sweep
  readonly #inject: Injection
  readonly #gradient: { readonly field: Float64Array; readonly update: Float64Array }
  readonly #optimizer: Optimizer

  /** @param meet Does a step end at every observation, or are they read from the dense output as the peers do? */
  constructor(problem: WindowProblem, meet: 'land' | 'interpolate') {
    const { layers, parameters } = networkOf(problem)
    const network = mlp({ layers, time: false, skip: false }, parameters)
    const field = problem.cubed ? ofCubes(network) : network
    const values = problem.values.map(value => Float64Array.from(value))
    const count = values.length
    const { method, rtol, atol } = problem
    this.#path = {
      startTime: 0,
      startState: Float64Array.from(problem.start),
      length: count,
      time: index => problem.times[index]!,
      observed: index => values[index]!,
    }
    this.#sweep = new Sweep(field, none(), { method: methodOf(method), rtol, atol, meet })
    this.#inject = (index, z, a) => {
      const y = values[index]!
      for (let i = 0; i < a.length; i++) a[i]! += (2 * (z[i]! - y[i]!)) / count
    }
    this.#gradient = { field: new Float64Array(parameters.length), update: new Float64Array(0) }
    this.#optimizer = adam(parameters.length, { rate: 1e-4 })
  }

  /** Learns once. */
  update(): void {
    this.gradient()
    this.#optimizer.update(this.#sweep.field.parameters, this.#gradient.field)
  }

  /** The gradient alone. */
  gradient(): void {
    const outcome = this.#sweep.forward(this.#path)
    if (outcome !== REACHED) throw new Error(describeOutcome(outcome))
    this.#gradient.field.fill(0)
    this.#sweep.backward(this.#inject, this.#gradient)
  }

  /** What it finds at the parameters as they are. */
  solve(): Required<PeerSolution> {
    const before = this.#sweep.evaluations.forward
    this.gradient()
    const { length } = this.#path
    const states = Array.from({ length }, (_, index) => Array.from(this.#sweep.before(index)))
    const squares = states.map((z, index) =>
      z.reduce((sum, x, i) => sum + (x - this.#path.observed(index)[i]!) ** 2, 0),
    )
    return {
      loss: squares.reduce((sum, square) => sum + square, 0) / length,
      states,
      gradient: Array.from(this.#gradient.field),
      evaluations: this.#sweep.evaluations.forward - before,
    }
  }
}

/** f(z³; θ). */
function ofCubes(network: VectorField): VectorField {
  const { dimension } = network
  const cubes = new Float64Array(dimension)
  const adjoint = new Float64Array(dimension)
  const cube = (z: Float64Array) => {
    for (let i = 0; i < dimension; i++) cubes[i] = z[i]! * z[i]! * z[i]!
    return cubes
  }
  return {
    ...network,
    parameters: network.parameters,
    evaluate: (t, z, dz, kept) => network.evaluate(t, cube(z), dz, kept),
    vjp(t, z, a, az, atheta, kept) {
      adjoint.fill(0)
      network.vjp(t, cube(z), a, adjoint, atheta, kept)
      for (let i = 0; i < dimension; i++) az[i]! += 3 * z[i]! * z[i]! * adjoint[i]!
      return 0
    },
  }
}
