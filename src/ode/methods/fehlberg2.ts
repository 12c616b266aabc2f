import type { TableauDefinition } from '../tableau/tableau-definition.js'

const b = [1 / 512, 255 / 256, 1 / 512]

/** Fehlberg 2(1): 3 stages. NASA Technical Report R-315, 1969, table II ("RK1(2)"), advanced with the weights of order two. */
export const fehlberg2: TableauDefinition = {
  name: 'fehlberg2',
  order: 2,
  c: [0, 1 / 2, 1],
  a: [[], [1 / 2], [1 / 256, 255 / 256]],
  b,
  bError: [b[0]! - 1 / 256, 0, 1 / 512],
}
