import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { mlp, mlpShape } from '../../src/field/mlp.js'
import { methods } from '../../src/ode/methods/index.js'

/** Steps of length 2 and more, whatever the error. */
const STEPPER = {
  ...{ rtol: 1, atol: 1, normed: 4, weights: methods.tsit5!.bError, weightsLow: new Float64Array(0) },
  ...{
    exponents: [0.2, 0, 0] as const,
    order: 5,
    safety: 1,
    margin: 1,
    shrinkLimit: 0.2,
    growthLimit: 10,
    logarithmLimit: 2,
  },
  ...{ shrinkAccepted: true, firstSameAsLast: true, showsStiffness: true, stability: 3, alarm: 32, clear: 6 },
} as const

/** Bytes a call: one number on the heap would be 12 and more; what the test itself leaves is far below one. */
const LITTLE = 1

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Bytes of JavaScript's heap a call leaves once it is compiled: the least of several rounds, which end when one left nothing to speak of. */
function bytesPerCall(run: (k: number) => void): number {
  const calls = 50_000
  let least = Number.POSITIVE_INFINITY
  // Many: the compiler works on a thread of its own, and may come late.
  for (let round = 0; round < 40 && least >= LITTLE; round++) {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let k = 0; k < calls; k++) run(k)
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / calls)
  }
  return least
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
  const record = whole.createRecord(method.stages)!
  record.times.set([0, 0.1, 0.1])
  const stepper = whole.createStepper(STEPPER)!
  const stretch = { from: 0, to: 1, past: false, most: 10 }
  field.prepare!()
  field.gather!(gradient)
  const calls = [
    (k: number) => field.evaluate(k, z, dz, record.kept[0]),
    (k: number) => void field.vjp(k, z, z, dz, gradient, record.kept[0]),
    () => void whole.attempt(record, method, 0, dz),
    () => void whole.pull(record, method, 1, dz, z, gradient),
    () => void whole.pullBack(record, method, 1, dz, gradient),
    () => {
      stepper.state[0] = 2
      stepper.begin(0, 0)
      whole.advance(stepper, record, method, z, stretch)
    },
  ]
  for (const call of calls) expect(bytesPerCall(call)).toBeLessThan(LITTLE)
})
