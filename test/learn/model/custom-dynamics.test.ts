import { describe, expect, it } from 'vitest'
import { linear } from '../../../src/field/linear.js'
import { learnerIdentity } from '../../../src/learn/checkpoint/learner-identity.js'
import { Learner } from '../../../src/learn/learner.js'
import { adoptField, type CustomDynamics, stateDimension } from '../../../src/learn/model/custom-dynamics.js'
import { sgd } from '../../../src/learn/rules/sgd.js'
import { run, simulated } from '../../support/streams.js'

const stream = simulated({ system: 'spiral', count: 120 })

/** z' = A z, A starting at zero. */
const dynamics = (dimension = 2): CustomDynamics => ({
  kind: 'custom',
  name: 'linear',
  dimension,
  create: () => linear(dimension, new Float64Array(dimension * dimension)),
})

describe('a learner with a field of its own', () => {
  it('learns it, and every learner has parameters of its own', () => {
    const [one, other] = [dynamics(), dynamics()].map(custom => new Learner({ model: { dynamics: custom } }))
    const estimates = run(one!, stream)
    run(other!, stream.slice(0, 60))
    expect(estimates.at(-1)!.update.count).toBeGreaterThan(50)
    expect(one!.model!.field.parameters.some(value => value !== 0)).toBe(true)
    expect(Array.from(one!.model!.parameters)).not.toEqual(Array.from(other!.model!.parameters))
    expect(one!.model!.dimension).toBe(2)
  })

  it('gives the same again', () => {
    const custom = run(new Learner({ model: { dynamics: dynamics() } }), stream)
    const again = run(new Learner({ model: { dynamics: dynamics() } }), stream)
    expect(JSON.stringify(again)).toBe(JSON.stringify(custom))
  })

  it('refuses a field that does not fit its channels, before it has taken anything', () => {
    const learner = new Learner({ model: { augment: 1, dynamics: dynamics() } })
    const message = /^DIMENSION_MISMATCH: received linear of dimension 2; expected 3 for 2 channels/
    expect(() => learner.observe(stream[0]!)).toThrow(message)
    expect(() => learner.observe(stream[0]!)).toThrow(message)
    const tooSmall = new Learner({ model: { dynamics: dynamics(1) } })
    expect(() => tooSmall.observe(stream[0]!)).toThrow(
      /received linear of dimension 1; expected 2 or more for 2 channels/,
    )
  })
})

describe('stateDimension', () => {
  it('is channels and what is added, or what the field has', () => {
    expect(stateDimension(3)).toBe(6)
    expect(stateDimension(3, 1)).toBe(4)
    expect(stateDimension(2, 'auto', dynamics(5))).toBe(5)
    expect(stateDimension(2, 3, dynamics(5))).toBe(5)
  })
})

describe('adoptField', () => {
  it('hands parameters over in both directions when it prepares', () => {
    const field = linear(1, Float64Array.of(2))
    const theta = new Float64Array(1)
    const shared = {
      ...field,
      prepare: () => {
        if (field.parameters[0] === 7) field.parameters[0] = 8 // somebody else has changed them
      },
    }
    const adopted = adoptField(shared, theta, 'shared')
    expect(theta[0]).toBe(2)
    theta[0] = 3
    adopted.prepare!()
    expect(field.parameters[0]).toBe(3)
    theta[0] = 7
    adopted.prepare!()
    expect(theta[0]).toBe(8)
  })
})

describe('the identity of a run', () => {
  it('has the names of what is not built in', () => {
    const optimizer = { kind: 'custom', name: 'mine', create: (length: number) => sgd(length) } as const
    expect(learnerIdentity({ model: { dynamics: dynamics() }, optimizer })).toMatchObject({
      model: { dynamics: { kind: 'custom', name: 'linear', dimension: 2, spread: 0.1 } },
      optimizer: { kind: 'custom', name: 'mine' },
    })
  })
})
