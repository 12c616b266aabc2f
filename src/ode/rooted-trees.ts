/** A rooted tree, as the list of its subtrees. */
export type RootedTree = readonly RootedTree[]

const LEAF: RootedTree = []

/**
 * All rooted trees with `order` nodes: 1, 1, 2, 4, 9, 20, 48, 115 of them for orders 1 … 8.
 * @see Butcher, "Numerical Methods for Ordinary Differential Equations", 3rd ed. 2016, §300.
 */
export function rootedTrees(order: number): readonly RootedTree[] {
  return order === 1 ? [LEAF] : forests(order - 1, order - 1)
}

/** All multisets of trees with `nodes` nodes together, none larger than `largest`. */
function forests(nodes: number, largest: number): RootedTree[] {
  if (nodes === 0) return [LEAF]
  const found: RootedTree[] = []
  for (let size = Math.min(nodes, largest); size >= 1; size--) {
    const trees = rootedTrees(size)
    for (let count = 1; count * size <= nodes; count++) {
      const rests = forests(nodes - count * size, size - 1)
      for (const chosen of multisets(trees, count)) for (const rest of rests) found.push([...chosen, ...rest])
    }
  }
  return found
}

/** All ways to choose `count` of `items`, repetition allowed, order ignored. */
function multisets<T>(items: readonly T[], count: number, from = 0): T[][] {
  if (count === 0) return [[]]
  const chosen: T[][] = []
  for (let i = from; i < items.length; i++)
    for (const rest of multisets(items, count - 1, i)) chosen.push([items[i]!, ...rest])
  return chosen
}

/** Number of nodes. */
export function treeOrder(tree: RootedTree): number {
  return tree.reduce((sum, subtree) => sum + treeOrder(subtree), 1)
}

/** γ(τ): the product of the orders of all subtrees, the tree itself included. */
export function treeDensity(tree: RootedTree): number {
  return tree.reduce((product, subtree) => product * treeDensity(subtree), treeOrder(tree))
}

/** The elementary weights of a tree's root, one a stage: Πₖ Σⱼ aᵢⱼ wⱼ(subtree k). */
export function stageWeights(tree: RootedTree, a: readonly (readonly number[])[]): number[] {
  const weights = a.map(() => 1)
  for (const subtree of tree) {
    const inner = stageWeights(subtree, a)
    a.forEach((row, i) => {
      weights[i]! *= row.reduce((sum, coefficient, j) => sum + coefficient * inner[j]!, 0)
    })
  }
  return weights
}

/** Largest residual |Σ bᵢ Φᵢ(τ) − 1/γ(τ)| over the trees of `order` nodes. Zero for a method of that order. */
export function orderResidual(order: number, a: readonly (readonly number[])[], b: readonly number[]): number {
  let largest = 0
  for (const tree of rootedTrees(order)) {
    const weights = stageWeights(tree, a)
    const sum = b.reduce((total, coefficient, i) => total + coefficient * weights[i]!, 0)
    largest = Math.max(largest, Math.abs(sum - 1 / treeDensity(tree)))
  }
  return largest
}
