import { type MonoTypeOperatorFunction, pipe } from 'rxjs'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { Observation } from '../../src/observation.js'
import { deduplicate } from '../../src/operators/deduplicate.js'
import { quarantine } from '../../src/operators/quarantine.js'
import { reorder } from '../../src/operators/reorder.js'
import { sameUnit } from '../../src/operators/same-unit.js'
import type { Keep } from '../../src/storable.js'
import type { Refuse } from '../pipeline/refuse.js'
import { wrongUnit } from './wrong-unit.js'

/** Where a pipeline file is silent: seconds, observations that are remembered, and late ones in a row. */
export const EVENT_TIME_DEFAULTS = {
  allowedLateness: 0,
  late: 'learn',
  duplicates: 256,
  maxAhead: 30 * 86_400,
  clockReset: 32,
} as const

/**
 * The observations of one key as the learner gets them: each once, none in another unit of time, none from a far future, in order as far as the allowed lateness
 * goes; what comes later is marked, for the window of the learner may still hold its place. Everything here depends on what came
 * alone: a source that has fallen silent is said to be so by an observation marked `idle`.
 * @param keep Where the state of each part is stored.
 */
export function eventTime(
  { learn, source, checkpoint }: PipelineConfig,
  refuse: Refuse,
  keep: (part: string) => Keep = () => () => {},
): MonoTypeOperatorFunction<Observation> {
  const { allowedLateness, late, duplicates, maxAhead, clockReset } = { ...EVENT_TIME_DEFAULTS, ...learn }
  const { timeCheck = true, timeUnit = 's' } = source === undefined || source.kind === 'simulate' ? {} : source
  const everything: MonoTypeOperatorFunction<Observation> = source => source
  return pipe(
    timeCheck
      ? sameUnit({
          refused: (observation, wrong) =>
            refuse(
              'OBSERVATION_TIME_UNIT',
              observation,
              wrongUnit(observation.t, wrong, timeUnit, checkpoint !== undefined),
            ),
          keep: keep('unit'),
        })
      : everything,
    quarantine({
      maxAhead,
      refused: observation => refuse('OBSERVATION_FUTURE', observation),
      keep: keep('future'),
    }),
    duplicates === 0
      ? everything
      : deduplicate({
          memory: duplicates,
          dropped: observation => refuse('OBSERVATION_DUPLICATE', observation),
          keep: keep('duplicates'),
        }),
    reorder({
      allowedLateness,
      ...(clockReset > 0 && { clockReset }),
      passLate: late === 'learn',
      late: observation => refuse('OBSERVATION_LATE', observation),
      withdrawn: observation => refuse('OBSERVATION_WITHDRAWN', observation),
      keep: keep('order'),
    }),
  )
}
