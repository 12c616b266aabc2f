import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { methods } from '../../src/ode/methods/index.js'
import { Random } from '../../src/random.js'
import { relativeError } from '../support/arrays.js'
import { gradients, type TestWindow, testWindow } from '../support/windows.js'

/** Streams of the row, with steps that do not depend on what is observed. */
const STREAMS = 1000
const solver = { method: methods.rk4, step: 0.1 }

describe('F21: a stream in which channels are missing at random', () => {
  /** The gradient of what is left when a channel may be seen or not at each time. */
  const gradientOf = (window: TestWindow, isSeen: (channel: number) => boolean) => {
    const values = window.path.values.map(y => y.map((value, channel) => (isSeen(channel) ? value : Number.NaN)))
    const path = { ...window.path, values, observed: (i: number) => values[i]! }
    return gradients(solveAdjoint({ ...window, path, loss: squaredPathLoss(values, window.weights) }))
  }

  it(`has the sum of the gradients of its channels, each alone, to 1e-12: ${STREAMS} streams`, () => {
    const random = new Random(21)
    let worst = 0
    for (let seed = 0; seed < STREAMS; seed++) {
      const window = testWindow(seed, { solver, missing: random.uniform() })
      const both = gradientOf(window, () => true)
      const [first, second] = [
        gradientOf(window, channel => channel === 0),
        gradientOf(window, channel => channel === 1),
      ]
      const sum = first.map((value, i) => value + second[i]!)
      if (both.some(value => value !== 0)) worst = Math.max(worst, relativeError(both, sum))
      else expect([...sum].every(value => value === 0)).toBe(true)
    }
    // Sums of some hundred terms in another order.
    expect(worst).toBeGreaterThan(0)
    expect(worst).toBeLessThan(1e-12)
  })
})
