import type { TableauDefinition } from '../tableau/tableau-definition.js'

/** Ralston 2(1): 2 stages, the smallest error bound of its kind. Math. Comp. 16, 1962, doi:10.1090/S0025-5718-1962-0150954-0. */
export const ralston: TableauDefinition = {
  name: 'ralston',
  order: 2,
  c: [0, 2 / 3],
  a: [[], [2 / 3]],
  b: [1 / 4, 3 / 4],
  bError: [-3 / 4, 3 / 4],
}
