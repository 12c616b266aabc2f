import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import type { VectorField } from '../../src/field/vector-field.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { fromNullable } from '../../src/observation.js'
import { methods } from '../../src/ode/methods/index.js'
import { tensorField } from '../../src/tensor/tensor-field.js'
import { relativeError } from '../support/arrays.js'
import { path } from '../support/paths.js'
import { type ReferenceFile, references } from '../support/reference.js'
import { functionOf, inMlpOrder, modelOf, onEveryBackend } from '../support/tensors.js'

const networks = references.flatMap(([name, { problem, reference }]) =>
  problem.field.kind === 'mlp' ? [{ name, problem, reference, network: problem.field }] : [],
)

function solve(field: VectorField, { t0, z0, observations }: ReferenceFile['problem'], tolerance: number) {
  const observed = observations.map(({ y }) => fromNullable(y))
  return solveAdjoint({
    field,
    path: path(
      Float64Array.from(z0),
      observations.map(({ t }) => t),
      observed,
      t0,
    ),
    loss: squaredPathLoss(
      observed,
      observations.map(({ weight = 1 }) => weight),
    ),
    // In float32 a step cannot be better than its arithmetic: fixed ones, short enough.
    solver: { method: methods.dopri5, ...(tolerance > 1e-6 ? { step: 0.1 } : { rtol: tolerance, atol: tolerance }) },
  })
}

await onEveryBackend(() => {
  // The files ask for 1e-5 relative; float32 has 6e-8 an operation.
  describe.each(networks)('$name', ({ problem, reference, network }) => {
    it.each([
      ['a model', () => tensorField(modelOf(network), { fuse: false })],
      ['a function', () => tensorField(functionOf(network).apply, { dimension: problem.z0.length })],
    ])('through %s, its gradients are those of the reference to 1e-5', (_, create) => {
      const field = create()
      expect(field.fused).toBe(false)
      const { loss, gradient } = solve(field, problem, 1e-5)
      expect(relativeError([loss], [reference.loss])).toBeLessThan(1e-5)
      expect(relativeError(gradient.start, reference.gradient.z0)).toBeLessThan(1e-5)
      expect(relativeError(inMlpOrder(gradient.field, network), reference.gradient.parameters)).toBeLessThan(1e-5)
    })
  })
})

describe.each(networks)('$name, fused', ({ problem, reference, network }) => {
  it('has the gradients of the reference to 1e-9 once its parameters are not rounded to float32', () => {
    const field = tensorField(modelOf(network))
    expect(field.fused).toBe(true)
    field.parameters.set(network.layers.flatMap(({ weights, bias }) => [...weights.flat(), ...bias]))
    const { loss, gradient } = solve(field, problem, 1e-12)
    expect(relativeError([loss], [reference.loss])).toBeLessThan(1e-9)
    expect(relativeError(gradient.start, reference.gradient.z0)).toBeLessThan(1e-9)
    expect(relativeError(gradient.field, reference.gradient.parameters)).toBeLessThan(1e-9)
  })
})
