import type { VectorField } from '../../field/vector-field.js'
import type { Tolerances } from '../steps/local-error.js'
import type { Tableau } from '../tableau/tableau.js'
import { ExplicitScheme } from './explicit-scheme.js'
import { ImplicitScheme } from './implicit-scheme.js'
import type { Scheme } from './scheme.js'

/** @param tolerances Decide how exactly implicit stages are solved. */
export function createScheme(field: VectorField, method: Tableau, tolerances: Tolerances): Scheme {
  return method.implicit ? new ImplicitScheme(field, method, tolerances) : new ExplicitScheme(field, method)
}
