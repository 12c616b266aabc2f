import type { TableauDefinition } from '../tableau/tableau-definition.js'

/** Root of g³ − 3g² + 3g/2 − 1/6, in (1/3, 1/2). */
const g = 0.435866521508459
const embedded = [(-4 * g ** 2 + 6 * g - 1) / (4 * g), (-2 * g + 1) / (4 * g), g, 0]
const b = [(6 * g - 1) / (12 * g), -1 / ((24 * g - 12) * g), (-6 * g ** 2 + 6 * g - 1) / (6 * g - 3), g]

/**
 * Kværnø 3(2): 4 stages, diagonally implicit with an explicit first stage; both weights are L-stable and stiffly accurate.
 * BIT 44(3), 2004, doi:10.1023/B:BITN.0000046811.70614.38.
 */
export const kvaerno3: TableauDefinition = {
  name: 'kvaerno3',
  order: 3,
  c: [0, 2 * g, 1, 1],
  a: [[], [g, g], embedded, b],
  b,
  bError: b.map((weight, s) => weight - embedded[s]!),
}
