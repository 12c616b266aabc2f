import type { TableauDefinition } from '../tableau/tableau-definition.js'

/** The 3/8 rule: 4 stages, order four. Kutta, Z. Math. Phys. 46, 1901, pp. 435–453. */
export const rk438: TableauDefinition = {
  name: 'rk4-38',
  order: 4,
  c: [0, 1 / 3, 2 / 3, 1],
  a: [[], [1 / 3], [-1 / 3, 1], [1, -1, 1]],
  b: [1 / 8, 3 / 8, 3 / 8, 1 / 8],
}
