import { expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { mlp, mlpShape } from '../../src/field/mlp.js'
import { kernel } from '../../src/kernel/kernel.js'
import { Learner } from '../../src/learn/learner.js'
import { methods } from '../../src/ode/methods/index.js'
import { solve } from '../../src/ode/solution/trajectory.js'
import { run, simulated } from '../support/streams.js'
import { testWindow } from '../support/windows.js'

/** A step of this field is 4 KiB; what each solver of its own still holds until it is collected is less than this. */
const A_SOLVE = 1024

// In one turn of the event loop nothing that was collected comes back: what is not given back adds up to gigabytes.
it('solves in a row leave no steps in the memory of the kernels', () => {
  const field = mlp(mlpShape({ dimension: 3, hidden: [32], activation: 'tanh' }))
  const window = testWindow(1, { field, solver: { method: methods.tsit5!, rtol: 1e-6, atol: 1e-6 } })
  const { arena } = kernel()!
  const growth = (solveOnce: () => void) => {
    solveOnce()
    const before = arena.used
    for (let n = 0; n < 100; n++) solveOnce()
    return (arena.used - before) / 100
  }
  expect(growth(() => solveAdjoint(window))).toBeLessThan(A_SOLVE)
  const start = Float64Array.of(1, 0, 0)
  expect(growth(() => solve(field, { method: methods.tsit5!, from: 0, to: 5, start }))).toBeLessThan(A_SOLVE)
})

it('and so do forecasts of a learner', () => {
  const stream = simulated({ system: 'van-der-pol', count: 60 })
  const learner = new Learner()
  run(learner, stream)
  const { t } = stream.at(-1)!
  const { arena } = kernel()!
  learner.predict([t + 5])
  const before = arena.used
  for (let n = 0; n < 50; n++) learner.predict([t + 1, t + 5])
  expect(arena.used).toBe(before)
})
