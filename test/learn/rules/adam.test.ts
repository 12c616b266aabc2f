import fc from 'fast-check'
import { expect, it } from 'vitest'
import { kernel } from '../../../src/kernel/kernel.js'
import { adam } from '../../../src/learn/rules/adam.js'
import { optimizerConformance } from './optimizer-conformance.js'

optimizerConformance('adam', length => adam(length))

it('the first two steps are as computed by hand', () => {
  const options = { rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 }
  const optimizer = adam(1, options)
  const parameters = Float64Array.of(1)
  optimizer.update(parameters, Float64Array.of(2))
  // m̂ = 2, v̂ = 4: a step of 0.1 · 2 / (2 + 1e-8). A few roundings.
  const first = 1 - 0.2 / (2 + 1e-8)
  expect(parameters[0]).toBeCloseTo(first, 14)
  optimizer.update(parameters, Float64Array.of(-1))
  // m = 0.9 · 0.2 − 0.1 = 0.08, v = 0.99 · 0.04 + 0.01 = 0.0496; corrections 1 − 0.81 and 1 − 0.9801.
  const second = first - (0.1 * (0.08 / 0.19)) / (Math.sqrt(0.0496 / 0.0199) + 1e-8)
  expect(parameters[0]).toBeCloseTo(second, 14)
})

it('the first step has the length of the rate, however large the gradient', () => {
  for (const gradient of [1e-3, 1, 1e100]) {
    const parameters = Float64Array.of(0)
    adam(1, { rate: 0.01 }).update(parameters, Float64Array.of(gradient))
    // ε = 1e-8 beside a gradient of 1e-3.
    expect(parameters[0]).toBeCloseTo(-0.01, 6)
  }
})

it('kernels and plain TypeScript give the same bits, whatever the length', () => {
  const gradients = fc
    .integer({ min: 1, max: 67 })
    .chain(length =>
      fc.array(
        fc.array(fc.double({ noNaN: true, min: -1e150, max: 1e150 }), { minLength: length, maxLength: length }),
        { minLength: 1, maxLength: 5 },
      ),
    )
  fc.assert(
    fc.property(gradients, drawn => {
      const length = drawn[0]!.length
      const results = [kernel(), undefined].map(kernels => {
        const optimizer = adam(length, { rate: 0.1 }, { kernel: kernels })
        const parameters = new Float64Array(length).fill(1)
        for (const gradient of drawn) optimizer.update(parameters, Float64Array.from(gradient))
        return [parameters, ...Object.values(optimizer.state)].map(array => Array.from(array))
      })
      expect(kernel()).toBeDefined()
      expect(results[0]).toEqual(results[1])
    }),
  )
})
