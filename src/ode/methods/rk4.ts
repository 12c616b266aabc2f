import type { TableauDefinition } from '../tableau/tableau-definition.js'

/** The classical method 4: 4 stages. Kutta, Z. Math. Phys. 46, 1901. */
export const rk4: TableauDefinition = {
  name: 'rk4',
  order: 4,
  c: [0, 1 / 2, 1 / 2, 1],
  a: [[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
  b: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
}
