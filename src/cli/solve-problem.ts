import { type AdjointProblem, type AdjointSolution, solveAdjoint } from '../adjoint/solve-adjoint.js'
import type { Problem } from '../config/problem.js'
import { ContraflowError } from '../errors.js'
import { linear } from '../field/linear.js'
import { mlp } from '../field/mlp.js'
import type { VectorField } from '../field/vector-field.js'
import { squaredPathLoss } from '../learn/rules/path-loss.js'
import { fromNullable } from '../observation.js'
import { methodOf } from '../ode/method.js'
import { describeOutcome } from '../ode/outcome.js'

/** What `contraflow adjoint` prints. */
export interface ProblemResult {
  readonly loss: number
  readonly states: number[][]
  readonly gradient: { z0: number[]; t0: number; times: number[]; parameters: number[] }
  readonly jumps: readonly { t: number; before: number[]; jump: number[]; after: number[] }[]
  readonly evaluations: { readonly forward: number; readonly backward: number }
  /** Only when asked for: how far a·f strays from constant between jumps; null when the field depends on time. */
  readonly drift?: number | null
}

/**
 * Solves a problem as it is posed; observations may come in any order, states and times are given in theirs.
 * @throws ContraflowError SOLVE_FAILED when the solver does not reach the last observation.
 */
export function solveProblem(problem: Problem, check = false): ProblemResult {
  const { order, posed } = poseProblem(problem)
  const { loss, states, gradient, jumps, evaluations, drift } = solved(posed)
  return {
    loss,
    states: inGivenOrder(states, order),
    gradient: {
      z0: gradient.start,
      t0: gradient.startTime,
      times: inGivenOrder(gradient.times, order),
      parameters: Array.from(gradient.field),
    },
    jumps,
    evaluations,
    ...(check && { drift }),
  }
}

/** A problem as the library takes it, its observations in order of time, and where each of them stood. */
export function poseProblem(problem: Problem): { readonly posed: AdjointProblem; readonly order: readonly number[] } {
  const { t0, z0, solver = {}, adjoint = 'discrete' } = problem
  const { method = 'tsit5', rtol = 1e-10, atol = 1e-12, ...rest } = solver
  const order = problem.observations
    .map((_, i) => i)
    .sort((a, b) => problem.observations[a]!.t - problem.observations[b]!.t)
  const sorted = order.map(i => problem.observations[i]!)
  const observed = sorted.map(({ y }) => fromNullable(y))
  const weights = sorted.map(({ weight = 1 }) => weight)
  const posed: AdjointProblem = {
    field: createField(problem),
    path: {
      startTime: t0,
      startState: Float64Array.from(z0),
      length: sorted.length,
      time: index => sorted[index]!.t,
      observed: index => observed[index]!,
    },
    loss: squaredPathLoss(observed, weights),
    solver: { method: methodOf(method), rtol, atol, ...rest, adjoint },
  }
  return { posed, order }
}

/** @throws ContraflowError SOLVE_FAILED when the solver does not reach the last observation. */
export function solved(posed: AdjointProblem): AdjointSolution {
  const solution = solveAdjoint(posed)
  if (solution.outcome.kind !== 'reached')
    throw new ContraflowError('SOLVE_FAILED', { received: describeOutcome(solution.outcome) })
  return solution
}

function createField({ field, z0 }: Problem): VectorField {
  if (field.kind === 'linear') return linear(z0.length, Float64Array.from(field.matrix.flat()))
  const layers = field.layers.map(({ weights, activation }) => {
    return { inputs: weights[0]!.length, outputs: weights.length, activation }
  })
  const parameters = field.layers.flatMap(({ weights, bias }) => [...weights.flat(), ...bias])
  return mlp({ layers, time: field.time ?? false, skip: false }, Float64Array.from(parameters))
}

function inGivenOrder<T>(sorted: readonly T[], order: readonly number[]): T[] {
  const given = new Array<T>(sorted.length)
  order.forEach((index, position) => {
    given[index] = sorted[position]!
  })
  return given
}
