import type { TableauDefinition } from '../tableau/tableau-definition.js'

/** Heun 2(1), the explicit trapezoidal rule with Euler embedded: 2 stages. Z. Math. Phys. 45, 1900. */
export const heun: TableauDefinition = {
  name: 'heun',
  order: 2,
  c: [0, 1],
  a: [[], [1]],
  b: [1 / 2, 1 / 2],
  bError: [-1 / 2, 1 / 2],
}
