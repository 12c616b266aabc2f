import type { TableauName } from '../../names.js'
import { defineTableau, type Tableau } from '../tableau/tableau.js'
import type { TableauDefinition } from '../tableau/tableau-definition.js'
import { bosh3 } from './bosh3.js'
import { dopri5 } from './dopri5.js'
import { dopri8 } from './dopri8.js'
import { euler } from './euler.js'
import { fehlberg2 } from './fehlberg2.js'
import { heun } from './heun.js'
import { heun3 } from './heun3.js'
import { kvaerno3 } from './kvaerno3.js'
import { kvaerno5 } from './kvaerno5.js'
import { midpoint } from './midpoint.js'
import { ralston } from './ralston.js'
import { rk4 } from './rk4.js'
import { rk438 } from './rk4-38.js'
import { tsit5 } from './tsit5.js'
import { verner7 } from './verner7.js'

const definitions: Readonly<Record<TableauName, TableauDefinition>> = {
  euler,
  midpoint,
  ralston,
  heun,
  fehlberg2,
  heun3,
  bosh3,
  rk4,
  'rk4-38': rk438,
  dopri5,
  tsit5,
  verner7,
  dopri8,
  kvaerno3,
  kvaerno5,
}

/**
 * Every Runge–Kutta method by its name; a new one is a file and a line here. A method is made, and proves itself, when it is
 * first asked for: the proofs of all of them would take a tenth of a second of every start.
 */
export const methods: Readonly<Record<TableauName, Tableau>> = Object.defineProperties(
  {} as Record<TableauName, Tableau>,
  Object.fromEntries(Object.entries(definitions).map(([name, definition]) => [name, madeOnce(definition)])),
)

function madeOnce(definition: TableauDefinition): PropertyDescriptor {
  let made: Tableau | undefined
  return { enumerable: true, get: () => (made ??= defineTableau(definition)) }
}
