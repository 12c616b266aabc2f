import fc from 'fast-check'
import { SCALE } from './seed.js'

// Of every property that does not say how often it is tried.
fc.configureGlobal({ numRuns: 200 * SCALE })
