import { describe, expect, it } from 'vitest'
import { TABLEAU_NAMES } from '../../../src/names.js'
import { methods } from '../../../src/ode/methods/index.js'
import { OrderConditions, rootedTrees, treeDensity } from '../../../src/ode/tableau/rooted-trees.js'
import { defineTableau, type Tableau } from '../../../src/ode/tableau/tableau.js'
import type { TableauDefinition } from '../../../src/ode/tableau/tableau-definition.js'

/** The definition that a tableau was made of. */
function definitionOf(tableau: Tableau): TableauDefinition {
  const { name, order, embeddedOrder, controlOrder, stages, c, a, b, bError, bErrorLow, adaptive, dense } = tableau
  const rows = (matrix: Float64Array, width: number) =>
    Array.from({ length: matrix.length / width }, (_, s) => Array.from(matrix.subarray(s * width, (s + 1) * width)))
  return {
    ...{ name, order, embeddedOrder, controlOrder },
    c: Array.from(c),
    a: rows(a, stages),
    b: Array.from(b),
    ...(adaptive && { bError: Array.from(bError) }),
    ...(bErrorLow.length > 0 && { bErrorLow: Array.from(bErrorLow) }),
    dense: {
      order: dense.order,
      extra: { c: Array.from(dense.c.subarray(stages)), a: rows(dense.a, dense.stages).slice(stages) },
      b: rows(dense.coefficients, dense.degree),
    },
  }
}

describe.each(TABLEAU_NAMES)('the coefficients of %s', name => {
  const method = methods[name]
  const { a, b, c, bError, embeddedOrder } = definitionOf(method)
  const conditions = new OrderConditions(a)
  const residual = (order: number, weights: readonly number[]) => conditions.residual(order, weights)
  /** Largest |γ(τ) Σ b Φ(τ) − 1| over the trees of an order: the residual in units of what it should be. */
  const relative = (order: number, weights: readonly number[]) =>
    Math.max(
      ...rootedTrees(order).map(tree => {
        const sum = conditions.weights(tree).reduce((total, phi, s) => total + weights[s]! * phi, 0)
        return Math.abs(treeDensity(tree) * sum - 1)
      }),
    )

  it('N01: fulfil every condition of their order to 1e-13, and violate one of the next', () => {
    for (let order = 1; order <= method.order; order++) expect(residual(order, b)).toBeLessThanOrEqual(1e-13)
    expect(relative(method.order + 1, b)).toBeGreaterThan(1e-3)
  })

  it('N02: have rows that sum to c, and embedded weights of their order and no better', () => {
    a.forEach((row, s) => {
      expect(Math.abs(row.reduce((sum, x) => sum + x, 0) - c[s]!)).toBeLessThanOrEqual(1e-14)
    })
    if (!bError) return
    const embedded = b.map((weight, s) => weight - bError[s]!)
    for (let order = 1; order <= embeddedOrder!; order++) expect(residual(order, embedded)).toBeLessThanOrEqual(1e-13)
    expect(relative(embeddedOrder! + 1, embedded)).toBeGreaterThan(1e-3)
  })
})

const wrong = expect.objectContaining({ code: 'TABLEAU_WRONG' })

describe('a digit changed by 1e-9 is found', () => {
  const dopri5 = definitionOf(methods.dopri5)
  const changed = (list: readonly number[], at: number) => list.map((x, i) => (i === at ? x + 1e-9 : x))

  it.each(dopri5.c.map((_, i) => i))('in c[%i]', s => {
    expect(() => defineTableau({ ...dopri5, c: changed(dopri5.c, s) })).toThrow(wrong)
  })
  it.each(dopri5.b.map((_, i) => i))('in b[%i]', s => {
    expect(() => defineTableau({ ...dopri5, b: changed(dopri5.b, s) })).toThrow(wrong)
  })
  it.each(dopri5.b.map((_, i) => i))('in bError[%i]', s => {
    expect(() => defineTableau({ ...dopri5, bError: changed(dopri5.bError!, s) })).toThrow(wrong)
  })

  const below = dopri5.a.flatMap((_, s) => Array.from({ length: s }, (_, j) => [s, j] as const))
  it.each(below)('in a[%i][%i]', (s, j) => {
    const a = dopri5.a.map((row, i) => (i === s ? changed(row, j) : row))
    expect(() => defineTableau({ ...dopri5, a })).toThrow(wrong)
  })

  it.each(below.filter(([, j]) => j > 0))('in a[%i][%i], balanced in the same row so that the sum stays', (s, j) => {
    const a = dopri5.a.map((row, i) => (i === s ? row.map((x, k) => x + (k === j ? 1e-9 : k === 0 ? -1e-9 : 0)) : row))
    expect(() => defineTableau({ ...dopri5, a })).toThrow(wrong)
  })
})

describe('a label that is wrong is found', () => {
  it.each(TABLEAU_NAMES)('%s is neither of the order above nor of the one below', name => {
    const definition = definitionOf(methods[name])
    const { order } = definition
    expect(() => defineTableau({ ...definition, order: order + 1 })).toThrow(wrong)
    if (order > 1) expect(() => defineTableau({ ...definition, order: order - 1 })).toThrow(wrong)
    expect(defineTableau(definition)).toEqual(methods[name])
  })

  it('embedded weights of another order than declared are refused', () => {
    const bosh3 = definitionOf(methods.bosh3)
    expect(() => defineTableau({ ...bosh3, embeddedOrder: 1 })).toThrow(wrong)
    expect(() => defineTableau({ ...bosh3, embeddedOrder: 3 })).toThrow(wrong)
    expect(() => defineTableau({ ...bosh3, bError: [0, 0, 0, 0] })).toThrow(wrong)
  })

  it('the message names the method and what is wrong with it', () => {
    const rk4 = definitionOf(methods.rk4)
    expect(() => defineTableau({ ...rk4, b: [1 / 6, 1 / 3, 1 / 3, 1 / 7] })).toThrow(/method rk4.*condition of order 1/)
  })
})

describe('properties are derived', () => {
  it('from the coefficients, not from the name', () => {
    const properties = TABLEAU_NAMES.map(name => {
      const { stages, order, controlOrder, adaptive, firstSameAsLast, implicit } = methods[name]
      return [name, stages, order, controlOrder, adaptive, firstSameAsLast, implicit]
    })
    expect(properties).toEqual([
      ['euler', 1, 1, 1, false, false, false],
      ['midpoint', 2, 2, 2, false, false, false],
      ['ralston', 2, 2, 2, true, false, false],
      ['heun', 2, 2, 2, true, false, false],
      ['fehlberg2', 3, 2, 2, true, false, false],
      ['heun3', 3, 3, 3, false, false, false],
      ['bosh3', 4, 3, 3, true, true, false],
      ['rk4', 4, 4, 4, false, false, false],
      ['rk4-38', 4, 4, 4, false, false, false],
      ['dopri5', 7, 5, 5, true, true, false],
      ['tsit5', 7, 5, 5, true, true, false],
      ['verner7', 10, 7, 7, true, false, false],
      ['dopri8', 13, 8, 8, true, true, false],
      ['kvaerno3', 4, 3, 3, true, true, true],
      ['kvaerno5', 7, 5, 5, true, true, true],
    ])
  })

  it('a coefficient on the diagonal makes a method implicit', () => {
    const midpoint = defineTableau({ name: 'implicit midpoint', order: 2, c: [1 / 2], a: [[1 / 2]], b: [1] })
    expect(midpoint.implicit).toBe(true)
  })

  it('a tableau cannot be changed, and is named as it is listed', () => {
    for (const name of TABLEAU_NAMES) {
      expect(methods[name].name).toBe(name)
      expect(Object.isFrozen(methods[name])).toBe(true)
    }
  })
})
