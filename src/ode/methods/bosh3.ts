import type { TableauDefinition } from '../tableau/tableau-definition.js'

/** Bogacki–Shampine 3(2): 4 stages, first same as last. Appl. Math. Lett. 2(4), 1989, doi:10.1016/0893-9659(89)90079-7. */
export const bosh3: TableauDefinition = {
  name: 'bosh3',
  order: 3,
  c: [0, 1 / 2, 3 / 4, 1],
  a: [[], [1 / 2], [0, 3 / 4], [2 / 9, 1 / 3, 4 / 9]],
  b: [2 / 9, 1 / 3, 4 / 9, 0],
  bError: [2 / 9 - 7 / 24, 1 / 3 - 1 / 4, 4 / 9 - 1 / 3, -1 / 8],
}
