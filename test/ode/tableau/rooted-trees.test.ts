import { describe, expect, it } from 'vitest'
import { OrderConditions, rootedTrees, treeDensity, treeOrder } from '../../../src/ode/tableau/rooted-trees.js'

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))

describe('rooted trees', () => {
  it('are 1, 1, 2, 4, 9, 20, 48 and 115 for the orders one to eight', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(order => rootedTrees(order).length)).toEqual([1, 1, 2, 4, 9, 20, 48, 115])
  })

  it('have as many nodes as their order, and no two are alike', () => {
    for (let order = 1; order <= 8; order++) {
      const trees = rootedTrees(order)
      expect(trees.every(tree => treeOrder(tree) === order)).toBe(true)
      expect(new Set(trees.map(canonical)).size).toBe(trees.length)
    }
  })

  it('have the densities of the table: 1, 2, 3 and 6, and 4, 8, 12 and 24', () => {
    const densities = (order: number) =>
      rootedTrees(order)
        .map(treeDensity)
        .sort((a, b) => a - b)
    expect(densities(1)).toEqual([1])
    expect(densities(2)).toEqual([2])
    expect(densities(3)).toEqual([3, 6])
    expect(densities(4)).toEqual([4, 8, 12, 24])
  })

  it('reach from the bush to the tall tree, whose densities are n and n!', () => {
    for (let order = 2; order <= 8; order++) {
      const densities = rootedTrees(order).map(treeDensity)
      expect(Math.min(...densities)).toBe(order)
      expect(Math.max(...densities)).toBe(factorial(order))
    }
  })
})

describe('order conditions', () => {
  it('hold for the classical method up to order four and not beyond', () => {
    const a = [
      [0, 0, 0, 0],
      [1 / 2, 0, 0, 0],
      [0, 1 / 2, 0, 0],
      [0, 0, 1, 0],
    ]
    const b = [1 / 6, 1 / 3, 1 / 3, 1 / 6]
    const conditions = new OrderConditions(a)
    // A few roundings of numbers below one.
    for (const order of [1, 2, 3, 4]) expect(conditions.residual(order, b)).toBeLessThan(1e-15)
    expect(conditions.residual(5, b)).toBeGreaterThan(1e-3)
  })
})

function canonical(tree: readonly unknown[]): string {
  return `[${(tree as (readonly unknown[])[]).map(canonical).sort().join('')}]`
}
