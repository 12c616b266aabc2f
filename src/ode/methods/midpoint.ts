import type { TableauDefinition } from '../tableau/tableau-definition.js'

/** Explicit midpoint 2: 2 stages. Runge, Math. Ann. 46, 1895, doi:10.1007/BF01446807. */
export const midpoint: TableauDefinition = { name: 'midpoint', order: 2, c: [0, 1 / 2], a: [[], [1 / 2]], b: [0, 1] }
