import { describe, expect, it } from 'vitest'
import * as engine from '../src/index.js'

/** What would otherwise make nonsense of a result, or an error that names nothing, is refused by code and name. */

const field = () => engine.linear(2, Float64Array.of(-0.1, 2, -2, -0.1))
const solved = (options: object) =>
  engine.solve(field(), { from: 0, to: 1, start: Float64Array.of(1, 0), method: engine.methods.tsit5, ...options })
const two = () => [Float64Array.of(1, 0), Float64Array.of(0, 1)]

interface Window {
  readonly times?: readonly number[]
  readonly values?: Float64Array[]
  readonly start?: readonly number[]
  readonly startTime?: number
  readonly solver?: object
}

function adjoint({ times = [0.5, 1], values = two(), start = [1, 0], startTime = 0, solver }: Window = {}) {
  const path = {
    startTime,
    startState: Float64Array.from(start),
    length: times.length,
    time: (i: number) => times[i]!,
    observed: (i: number) => values[i]!,
  }
  const loss = engine.squaredPathLoss(values, times.map(() => 1)) // biome-ignore format: one thing
  return engine.solveAdjoint({ field: field(), path, loss, solver: { method: engine.methods.tsit5, ...solver } })
}

const shape = (options: object) => engine.mlpShape({ dimension: 2, hidden: [3], activation: 'tanh', ...options })
const any = (value: unknown) => value as never

const refused: [what: string, code: string, named: RegExp, make: () => unknown][] = [
  [
    'a start of too few numbers',
    'DIMENSION_MISMATCH',
    /start state of 1 numbers; expected 2/,
    () => solved({ start: Float64Array.of(1) }),
  ],
  [
    'a start of too many numbers',
    'DIMENSION_MISMATCH',
    /start state of 3/,
    () => solved({ start: new Float64Array(3) }),
  ],
  ['an end that is no time', 'OPTION_INVALID', /to: NaN/, () => solved({ to: Number.NaN })],
  ['an end that never comes', 'OPTION_INVALID', /to: Infinity/, () => solved({ to: Infinity })],
  ['a beginning that is no time', 'OPTION_INVALID', /from: NaN/, () => solved({ from: Number.NaN })],
  ['no tolerance', 'OPTION_INVALID', /rtol: 0/, () => solved({ rtol: 0 })],
  ['half a step', 'OPTION_INVALID', /maxSteps: 0.5/, () => solved({ maxSteps: 0.5 })],
  ['an error norm of nothing', 'OPTION_INVALID', /normed: 0/, () => solved({ normed: 0 })],
  ['safety below zero', 'OPTION_INVALID', /safety: -1/, () => solved({ control: { safety: -1 } })],
  [
    'exponents that are none',
    'OPTION_INVALID',
    /exponents: NaN/,
    () => solved({ control: { exponents: [Number.NaN, 0, 0] } }),
  ],
  [
    'a preset nobody knows',
    'OPTION_INVALID',
    /preset: nope; expected one of hairer/,
    () => solved({ control: { preset: 'nope' } }),
  ],
  [
    'a method nobody knows',
    'OPTION_INVALID',
    /method: nope; expected one of euler/,
    () => engine.methodOf(any('nope')),
  ],
  ['a window with a start of one number', 'DIMENSION_MISMATCH', /start state of 1/, () => adjoint({ start: [1] })],
  ['a window with a start of three', 'DIMENSION_MISMATCH', /start state of 3/, () => adjoint({ start: [1, 2, 3] })],
  ['a window from no time on', 'OPTION_INVALID', /startTime: NaN/, () => adjoint({ startTime: Number.NaN })],
  ['times that go back', 'TIME_NOT_MONOTONE', /t=0.5 after t=1/, () => adjoint({ times: [1, 0.5] })],
  ['a time that is none', 'TIME_NOT_MONOTONE', /t=NaN/, () => adjoint({ times: [Number.NaN, 1] })],
  ['a time that never comes', 'TIME_NOT_MONOTONE', /t=Infinity/, () => adjoint({ times: [1, Infinity] })],
  [
    'more channels than dimensions',
    'DIMENSION_MISMATCH',
    /3 channels of observation 0; expected at most 2/,
    () => adjoint({ values: [new Float64Array(3), new Float64Array(3)] }),
  ],
  [
    'an infinite value',
    'OPTION_INVALID',
    /observation 1: Infinity/,
    () => adjoint({ values: [Float64Array.of(1), Float64Array.of(Infinity)] }),
  ],
  [
    'an adjoint nobody knows',
    'OPTION_INVALID',
    /adjoint: nope; expected one of discrete/,
    () => adjoint({ solver: { adjoint: 'nope' } }),
  ],
  [
    'a meeting nobody knows',
    'OPTION_INVALID',
    /meet: nope; expected one of land/,
    () => adjoint({ solver: { meet: 'nope' } }),
  ],
  [
    'a gain of another length',
    'DIMENSION_MISMATCH',
    /of 2 numbers; expected 4/,
    () => engine.gain(2, 2, new Float64Array(2)),
  ],
  [
    'a GRU of another length',
    'DIMENSION_MISMATCH',
    /of 2 numbers; expected 42/,
    () => engine.gru(2, 2, new Float64Array(2)),
  ],
  ['a network of no dimension', 'OPTION_INVALID', /dimension: 0/, () => shape({ dimension: 0 })],
  ['half a hidden unit', 'OPTION_INVALID', /hidden: 2.5/, () => shape({ hidden: [2.5] })],
  [
    'an activation nobody knows',
    'OPTION_INVALID',
    /activation: tan; expected one of identity/,
    () => shape({ activation: 'tan' }),
  ],
  [
    'parameters of another length',
    'DIMENSION_MISMATCH',
    /3 parameters; expected 17/,
    () => engine.mlp(shape({}), new Float64Array(3)),
  ],
  ['a matrix that is not square', 'DIMENSION_MISMATCH', /3 parameters/, () => engine.linear(2, new Float64Array(3))],
  ['fewer than no extra dimensions', 'OPTION_INVALID', /extra: -1/, () => engine.augmented(field(), -1)],
  [
    'a closure of no dimension',
    'OPTION_INVALID',
    /dimension: 0/,
    () => engine.closure({ dimension: 0, evaluate: () => {} }),
  ],
  ['a signal of nothing', 'OPTION_INVALID', /channels: 0/, () => new engine.Signal({ channels: 0 })],
  ['a negative kink of Huber', 'OPTION_INVALID', /delta: -1/, () => engine.huber(-1)],
  ['a likelihood of no channels', 'OPTION_INVALID', /channels: 0/, () => engine.gaussian(0)],
  ['clocks of no sensor', 'OPTION_INVALID', /sensors: 0/, () => new engine.ClockOffsets({ sensors: 0 })],
]

describe('refused with its name and what was expected:', () => {
  it.each(refused)('%s', (_, code, named, make) => {
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringMatching(named) }))
  })

  it('nothing of what is right', () => {
    expect(solved({}).outcome.kind).toBe('reached')
    expect(adjoint().outcome.kind).toBe('reached')
    expect(adjoint({ values: [Float64Array.of(Number.NaN, 1), Float64Array.of(1)] }).outcome.kind).toBe('reached')
  })
})
