import type { TableauDefinition } from '../tableau/tableau-definition.js'

/** Heun 3: 3 stages. Z. Math. Phys. 45, 1900, pp. 23–38. */
export const heun3: TableauDefinition = {
  name: 'heun3',
  order: 3,
  c: [0, 1 / 3, 2 / 3],
  a: [[], [1 / 3], [0, 2 / 3]],
  b: [1 / 4, 0, 3 / 4],
}
