import type { Mutant } from './mutant.js'
import { feed } from './rows/feed.js'
import { learning } from './rows/learning.js'
import { payload } from './rows/payload.js'
import { processes } from './rows/processes.js'
import { serving } from './rows/serving.js'
import { storage } from './rows/storage.js'
import { time } from './rows/time.js'

/** At least one for each fault. */
export const MUTANTS: readonly Mutant[] = [
  ...feed,
  ...time,
  ...payload,
  ...serving,
  ...storage,
  ...processes,
  ...learning,
]
