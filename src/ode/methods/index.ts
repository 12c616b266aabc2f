import type { MethodName } from '../../names.js'
import type { Tableau } from '../tableau.js'
import { bosh3 } from './bosh3.js'
import { dopri5 } from './dopri5.js'
import { euler } from './euler.js'
import { heun } from './heun.js'
import { midpoint } from './midpoint.js'
import { rk4 } from './rk4.js'
import { tsit5 } from './tsit5.js'

/** Every method by its name; a new one is a file and a line here. */
export const methods: Readonly<Record<MethodName, Tableau>> = { euler, midpoint, heun, bosh3, rk4, dopri5, tsit5 }
