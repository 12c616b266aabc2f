/** A rooted tree, as the list of its subtrees. */
export type RootedTree = readonly RootedTree[]

const LEAF: RootedTree = []

/**
 * All rooted trees with `order` nodes: 1, 1, 2, 4, 9, 20, 48, 115 of them for orders 1 … 8.
 * @see Butcher, "Numerical Methods for Ordinary Differential Equations", 3rd ed. 2016, §300.
 */
export function rootedTrees(order: number): readonly RootedTree[] {
  return (known[order] ??= order === 1 ? [LEAF] : forests(order - 1, order - 1))
}

/** By order. Trees share their subtrees, so that what is known of one is known of all that contain it. */
const known: RootedTree[][] = []

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

/** The order conditions of a matrix a [S × S], for any weights. */
export class OrderConditions {
  readonly #a: readonly (readonly number[])[]
  /** Σⱼ aᵢⱼ Φⱼ(tree), by tree. */
  readonly #sums = new Map<RootedTree, readonly number[]>()

  constructor(a: readonly (readonly number[])[]) {
    this.#a = a
  }

  /**
   * Largest residual |Σ bᵢ Φᵢ(τ) − scale/γ(τ)| over the trees of `order` nodes. Zero for a method of that order; for dense
   * output at θ the scale is θ^order.
   */
  residual(order: number, b: readonly number[], scale = 1): number {
    let largest = 0
    for (const tree of rootedTrees(order)) {
      const phi = this.weights(tree)
      const sum = b.reduce((total, coefficient, i) => total + coefficient * phi[i]!, 0)
      largest = Math.max(largest, Math.abs(sum - scale / treeDensity(tree)))
    }
    return largest
  }

  /** The elementary weights Φ of a tree's root, one a stage: Πₖ Σⱼ aᵢⱼ Φⱼ(subtree k). */
  weights(tree: RootedTree): readonly number[] {
    const product = this.#a.map(() => 1)
    for (const subtree of tree) {
      const sums = this.#sumsOver(subtree)
      for (let i = 0; i < product.length; i++) product[i]! *= sums[i]!
    }
    return product
  }

  #sumsOver(tree: RootedTree): readonly number[] {
    const found = this.#sums.get(tree)
    if (found) return found
    const inner = this.weights(tree)
    const sums = this.#a.map(row => row.reduce((total, coefficient, j) => total + coefficient * inner[j]!, 0))
    this.#sums.set(tree, sums)
    return sums
  }
}
