import type { TableauDefinition } from '../tableau/tableau-definition.js'

/** Euler 1: one stage. Institutionum calculi integralis I, 1768. */
export const euler: TableauDefinition = { name: 'euler', order: 1, c: [0], a: [[]], b: [1] }
