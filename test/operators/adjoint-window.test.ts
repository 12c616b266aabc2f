import fc from 'fast-check'
import { from, map, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { gain } from '../../src/adjoint/update/gain.js'
import { replace } from '../../src/adjoint/update/replace.js'
import type { UpdateMap } from '../../src/adjoint/update/update-map.js'
import { linear } from '../../src/field/linear.js'
import { huber, type Loss } from '../../src/learn/rules/losses.js'
import type { Observation } from '../../src/observation.js'
import { methods } from '../../src/ode/methods/index.js'
import { type AdjointWindowOptions, adjointWindow } from '../../src/operators/adjoint-window.js'
import { marbles } from '../support/marbles.js'
import { at, MISSING } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'
import { tameStream } from '../support/random-streams.js'
import { expectSame, type Start, solveWindow } from '../support/window-pass.js'

// Fixed steps: two solves of the same window then take the same steps, wherever it lies.
const solver = { method: methods.rk4, step: 0.125 }
const field = () => linear(2, Float64Array.of(-0.1, 2, -2, -0.1))
const options = (more: Partial<AdjointWindowOptions> = {}): AdjointWindowOptions => {
  return { field: field(), length: 3, solver, ...more }
}
// Gaps and times are sums of powers of two, so that no rounding depends on where the window starts.
const observations = [
  at(1000, 2, 0),
  at(1000.5, 1, -1),
  at(1000.75, MISSING, -1.5),
  at(1002, -1, MISSING),
  at(1002, 0.5, 0.25),
  at(1003.25, MISSING, MISSING),
  at(1003.5, 1, 1),
  at(1005, 0, -1),
]
const run = (more?: Partial<AdjointWindowOptions>, source: readonly Observation[] = observations) =>
  collect(from(source).pipe(adjointWindow(options(more))))

/** The same pass, posed from nothing: over these observations from this start. */
const solve = (window: readonly Observation[], start: Start, update?: UpdateMap, loss?: Loss) =>
  solveWindow({ field: field(), solver, window, start, ...(update && { update }), ...(loss && { loss }) })

describeOperatorContract('adjointWindow', { create: () => adjointWindow(options()), inputs: observations })

describe('adjointWindow', () => {
  const updates: Record<string, () => UpdateMap | undefined> = {
    none: () => undefined,
    replace,
    gain: () => gain(2, 2, Float64Array.of(0.5, 0.1, -0.2, 0.7)),
  }
  for (const [name, update] of Object.entries(updates)) {
    it(`gives the gradient that solveAdjoint gives on the same window, update ${name}`, () => {
      const map = update()
      const { values } = run(map && { update: map })
      let start = { t: 1000, z: observations[0]!.y }
      values.forEach((gradient, i) => {
        const first = Math.max(0, i - 3)
        if (first > 0) {
          // The new start is the state just after the observation that left the window.
          const left = observations.slice(first - 1, first)
          const before = Float64Array.from(solve(left, start).states[0]!)
          const z = before.slice()
          map?.apply(before, left[0]!.y, z)
          start = { t: left[0]!.t, z }
        }
        expect(gradient.t).toBe(observations[i]!.t)
        expectSame(gradient, solve(observations.slice(first, i + 1), start, map))
      })
      expect(values).toHaveLength(observations.length)
    })
  }

  it('M18: gives the gradient of the window whatever came before it, where the state is replaced', () => {
    const part = tameStream(1, 12)
    fc.assert(
      fc.property(part, part, tameStream(5, 9), (past, other, tail) => {
        const behind = (between: readonly Observation[]) => {
          const source = [...between, ...tail.map(o => ({ ...o, t: o.t + 32 }))]
          return run({ update: replace() }, source).values.at(-1)!
        }
        // Three observations, and the one whose values the window starts from.
        const found = behind(other)
        expect(found).toEqual(behind(past))
        expect(found.jumps.length).toBeGreaterThan(0)
      }),
    )
  })

  it('takes another loss', () => {
    const { values } = run({ loss: huber(0.1), length: 10 })
    const start = { t: 1000, z: observations[0]!.y }
    expectSame(values.at(-1)!, solve(observations, start, undefined, huber(0.1)))
    expect(values.at(-1)!.loss).not.toBe(run({ length: 10 }).values.at(-1)!.loss)
  })

  it('starts from the given state, else from the first values and 0 where they are missing', () => {
    const [first] = run({}, [at(5, MISSING, 3)]).values
    expect(first!.states).toEqual([[0, 3]])
    const [given] = run({ startState: Float64Array.of(7, 8) }, [at(5, MISSING, 3)]).values
    expect(given!.states).toEqual([[7, 8]])
  })

  it('sees hidden dimensions that no channel measures', () => {
    const { values } = run({ startState: Float64Array.of(2, 1) }, [at(0, 2), at(0.5, 1)])
    expect(values[1]!.states[1]).toHaveLength(2)
    expect(values[1]!.gradient.start[1]).not.toBe(0)
  })

  it('makes one pass every `stride` observations, over the same windows as without', () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot('--1--2--3--4--|', { 1: at(0, 1, 1), 2: at(1, 1, 1), 3: at(2, 1, 1), 4: at(3, 1, 1) })
      const times = source.pipe(
        adjointWindow(options({ stride: 2 })),
        map(({ t }) => `${t}`),
      )
      expectObservable(times).toBe('-----1-----3--|')
    })
    const every = run().values
    const strided = run({ stride: 3 }).values
    expect(strided).toEqual([every[2], every[5]])
  })

  it('sees changes of the parameters in the next pass', () => {
    const own = field()
    const losses: number[] = []
    from([at(0, 1, 0), at(1, 1, 0), at(2, 1, 0)])
      .pipe(adjointWindow(options({ field: own, length: 10 })))
      .subscribe(({ loss }) => {
        losses.push(loss)
        own.parameters.fill(0)
      })
    // With A = 0 the state stays at the first observation, which is what all the others say.
    expect(losses).toEqual([0, 0, 0])
  })

  it('has a loss of 0 where nothing in the window was measured', () => {
    const { values } = run({}, [at(0, MISSING, MISSING), at(1, MISSING, MISSING), at(2, 1, 1)])
    expect(values.map(({ loss }) => loss).slice(0, 2)).toEqual([0, 0])
    expect(values[1]!.gradient.start).toEqual([0, 0])
    expect(values[2]!.loss).toBe(1)
  })

  it('F14: ends in TIME_NOT_MONOTONE when time goes back', () => {
    const seen = run({}, [at(1, 0, 0), at(0.5, 0, 0)])
    expect(seen.values).toHaveLength(1)
    expect(seen.error).toMatchObject({ code: 'TIME_NOT_MONOTONE' })
  })

  for (const y of [[1], [1, 2, 3]]) {
    it(`ends in DIMENSION_MISMATCH when ${y.length} values come after 2`, () => {
      const seen = run({}, [...observations, at(2000, ...y)])
      expect(seen.values).toHaveLength(observations.length)
      expect(seen.error).toMatchObject({ code: 'DIMENSION_MISMATCH' })
    })
  }

  it('ends in DIMENSION_MISMATCH when there are more channels than dimensions', () => {
    expect(run({}, [at(0, 1, 2, 3)]).error).toMatchObject({ code: 'DIMENSION_MISMATCH' })
  })

  it('ends in the error that the loss throws', () => {
    const failure = new Error('of the loss')
    const loss: Loss = {
      value: () => {
        throw failure
      },
      slope: () => 0,
    }
    expect(collect(of(at(0, 1, 1)).pipe(adjointWindow(options({ loss })))).error).toBe(failure)
  })

  it('starts anew in a new subscription', () => {
    const operator = adjointWindow(options())
    const [first, second] = [1, 2].map(() => collect(from(observations).pipe(operator)).values)
    expect(second).toEqual(first)
  })
})
