import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { mlp, mlpShape } from '../../src/field/mlp.js'
import { methods } from '../../src/ode/methods/index.js'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Bytes of JavaScript's heap a call leaves once it is compiled: the least of several rounds. */
function bytesPerCall(run: (k: number) => void): number {
  const calls = 50_000
  const rounds = Array.from({ length: 6 }, () => {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let k = 0; k < calls; k++) run(k)
    return (process.memoryUsage().heapUsed - before) / calls
  })
  return Math.min(...rounds)
}

// One precision: a process that uses both boxes a number a call, because V8 no longer knows whom it calls.
it('evaluations, vjps and whole steps on kernels leave no garbage', () => {
  const field = mlp(mlpShape({ dimension: 4, hidden: [16], activation: 'tanh', skip: true }))
  const [z, dz, gradient] = [
    new Float64Array(4).fill(0.1),
    new Float64Array(4),
    new Float64Array(field.parameters.length),
  ]
  const whole = field.wholeSteps!
  const method = methods.tsit5!
  const step = { t: 0, h: 0.1, end: 0.1, ...whole.createStages(method.stages)! }
  field.prepare!()
  field.gather!(gradient)
  const calls = [
    (k: number) => field.evaluate(k, z, dz, step.kept[0]),
    (k: number) => void field.vjp(k, z, z, dz, gradient, step.kept[0]),
    () => void whole.attempt(step, method, 0, dz),
    () => void whole.pull(step, method, 1, dz, z, gradient),
  ]
  // One number on the heap a call would be 12 bytes and more; what the test itself leaves is far below one.
  for (const call of calls) expect(bytesPerCall(call)).toBeLessThan(1)
})
