import { describe, expect, it } from 'vitest'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import { activations } from '../../src/field/activation.js'
import { Learner } from '../../src/learn/learner.js'
import { createModel } from '../../src/learn/model/model.js'
import {
  ACTIVATION_NAMES,
  LOSS_NAMES,
  METHOD_NAMES,
  SYSTEM_NAMES,
  TABLEAU_NAMES,
  TIME_UNITS,
  UPDATE_NAMES,
} from '../../src/names.js'
import { methodOf } from '../../src/ode/method.js'
import { methods } from '../../src/ode/methods/index.js'
import { toSeconds } from '../../src/time.js'
import { systems } from '../../streams/simulate/systems.js'

const lists = {
  tableaus: [TABLEAU_NAMES, methods, (name: string) => `solver: { method: ${name} }`],
  activations: [ACTIVATION_NAMES, activations, (name: string) => `model: { dynamics: { activation: ${name} } }`],
  systems: [SYSTEM_NAMES, systems, (name: string) => `source: { kind: simulate, system: ${name} }`],
} as const

describe('names', () => {
  for (const [what, [names, things, file]] of Object.entries(lists)) {
    it(`lists exactly the ${what} that there are`, () => {
      expect([...names].sort()).toEqual(Object.keys(things).sort())
    })

    it(`lists the ${what} that a pipeline file may name`, () => {
      for (const name of names) expect(parsePipeline(file(name), 'p.yaml')).toBeTruthy()
      expect(() => parsePipeline(file('zzz'), 'p.yaml')).toThrow('"zzz"')
    })
  }

  it('gives every method its own name', () => {
    for (const name of METHOD_NAMES) {
      expect(methodOf(name).name).toBe(name)
      expect(parsePipeline(`solver: { method: ${name} }`, 'p.yaml')).toBeTruthy()
    }
  })

  it('lists update maps that a model can be made with', () => {
    for (const update of UPDATE_NAMES)
      expect(createModel({ channels: 1, seed: 1, update }).update.apply).toBeInstanceOf(Function)
  })

  it('lists losses that a learner can be made with', () => {
    for (const loss of LOSS_NAMES)
      expect(new Learner({ optimizer: { kind: 'adam' }, loss, warmup: 2 }).settings.loss).toBe(loss)
  })

  it('lists units of time that differ', () => {
    expect(TIME_UNITS.map(unit => toSeconds(1e9, unit))).toEqual([1e9, 1e6, 1e3, 1])
  })
})
