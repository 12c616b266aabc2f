import { describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/learn/checkpoint/checkpoint.js'
import { differences } from '../../../src/learn/checkpoint/differences.js'
import { learnerIdentity } from '../../../src/learn/checkpoint/learner-identity.js'
import { Learner } from '../../../src/learn/learner.js'
import type { LearnerOptions } from '../../../src/learn/learner-options.js'
import { run, simulated } from '../../support/streams.js'

const stream = simulated({ system: 'spiral', count: 70 })
const json = (options: LearnerOptions) => JSON.stringify(run(new Learner(options), stream))
const spelledOut = (options: LearnerOptions) => {
  const { solver, ...rest } = structuredClone(learnerIdentity(options)) as { solver: Record<string, never> }
  const { step: _, ...adaptive } = solver
  return { ...rest, solver: adaptive } as LearnerOptions
}

/** Every path to a value that is not a record. */
function leaves(value: Plain, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value as Record<string, Plain>).flatMap(([name, field]) => leaves(field, [...path, name]))
}

function changed(value: Plain, [name, ...rest]: string[]): Plain {
  if (name === undefined) return typeof value === 'number' ? value + 1 : `other than ${JSON.stringify(value)}`
  const record = value as Record<string, Plain>
  return { ...record, [name]: changed(record[name]!, rest) }
}

describe('learnerIdentity', () => {
  it.each(['kalman', 'adam', 'sgd'] as const)('spells out the defaults that a learner with %s has', kind => {
    const options = { optimizer: { kind } }
    expect(json(spelledOut(options))).toBe(json(options))
    expect(differences(learnerIdentity(spelledOut(options)), learnerIdentity(options), learnerIdentity())).toEqual([])
  })

  it('holds every option as it was set', () => {
    const identity = learnerIdentity({
      window: 3,
      seed: 7,
      model: { augment: 0, dynamics: { hidden: [4] } },
      solver: { step: 2 },
    })
    expect(identity).toMatchObject({
      window: 3,
      seed: 7,
      stride: 1,
      model: { augment: 0, update: 'gain', dynamics: { hidden: [4], skip: true } },
      solver: { step: 2, method: 'tsit5' },
    })
  })
})

describe('differences', () => {
  const identity = learnerIdentity()

  it('has none where nothing differs, whatever the order of the fields', () => {
    const turned = Object.fromEntries(Object.entries(identity).reverse())
    expect(differences(identity, turned)).toEqual([])
  })

  it.each(leaves(identity).map(path => ({ path, name: path.join('.') })))('F46: names $name', ({ path, name }) => {
    const [line, ...others] = differences(identity, changed(identity, path))
    expect(others).toEqual([])
    expect(line).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')}: .+ in the checkpoint, .+ now$`))
  })

  it('takes a checkpoint that does not know an option while it has its default', () => {
    const { level: _, ...older } = identity
    expect(differences(older, identity, identity)).toEqual([])
    expect(differences(older, { ...identity, level: 0.5 }, identity)).toEqual(['level: 0.9 in the checkpoint, 0.5 now'])
    expect(differences(older, { ...identity, level: 0.5 })).toEqual(['level: not given in the checkpoint, 0.5 now'])
  })

  it('does not take one with an option that this version does not know', () => {
    expect(differences({ ...identity, novelty: 3 }, identity, identity)).toEqual([
      'novelty: 3 in the checkpoint, not given now',
    ])
  })
})
