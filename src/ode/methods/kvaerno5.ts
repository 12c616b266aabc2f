import type { TableauDefinition } from '../tableau/tableau-definition.js'

const g = 0.26
const embedded = [0.13855640231268224, 0, -0.04245337201752043, 0.02446657898003141, 0.6194303907248068, g, 0]
const b = [0.1365975117764029, 0, -0.05496908796538376, -0.04118626728321046, 0.629933048990164, 0.06962479448202728, g]

/**
 * Kværnø 5(4): 7 stages, diagonally implicit with an explicit first stage; both weights are L-stable and stiffly accurate.
 * One stage stands at c = 1.23, beyond the end of the step: a field that jumps there is seen too early.
 * BIT 44(3), 2004, doi:10.1023/B:BITN.0000046811.70614.38.
 */
export const kvaerno5: TableauDefinition = {
  name: 'kvaerno5',
  order: 5,
  c: [0, 0.52, 1.230333209967908, 0.8957659843500759, 0.43639360985864756, 1, 1],
  a: [
    [],
    [g, g],
    [0.13, 0.8403332099679081, g],
    [0.22371961478320504, 0.476755323197997, -0.06470895363112615, g],
    [0.16648564323248322, 0.1045001884159172, 0.03631482272098715, -0.13090704451073998, g],
    embedded,
    b,
  ],
  b,
  bError: b.map((weight, s) => weight - embedded[s]!),
}
