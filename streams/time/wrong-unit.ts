import { TIME_UNITS, type TimeUnit, UNIT_NAMES } from '../../src/names.js'
import { scaleOf } from '../../src/operators/power-of-time.js'
import type { WrongUnit } from '../../src/operators/unit-doubt.js'
import { OF_OUR_DAYS } from '../../src/time.js'
import type { RefusalDetails } from '../pipeline/refuse.js'

/**
 * What is expected instead of a time in another unit, and what to do.
 * @param t As it was read, seconds. @param set The unit in which the source is said to send numbers.
 * @param hasCheckpoints Does the run keep a state, which is of these settings alone?
 */
export function wrongUnit(
  t: number,
  { power, last }: WrongUnit,
  set: TimeUnit | 'auto',
  hasCheckpoints: boolean,
): RefusalDetails {
  const unit = set === 'auto' ? 's' : set
  const likely = power === 0 ? undefined : TIME_UNITS[TIME_UNITS.indexOf(unit) + power]
  const asTheyAre = `source.timeCheck: false takes times as they are.${hasCheckpoints ? ANEW : ''}`
  if (last === undefined)
    return {
      expected: `${UNIT_NAMES[unit]} since 1970 or since a start; this is beyond the year 2286${likely ? `, and looks like ${UNIT_NAMES[likely]} since 1970` : ''}`,
      remedy: `${likely ? `Say source: { timeUnit: ${likely} } in the pipeline file` : 'Let the source send times of our days'}; ${asTheyAre}`,
    }
  const ofOurDays = power !== 0 && t / scaleOf(power) >= OF_OUR_DAYS.from
  return {
    expected: `${UNIT_NAMES[unit]} as before, the last one ${last} s${power === 0 ? '' : `; this is some ${timesAsMuch(power)}`}${likely ? `, as ${UNIT_NAMES[likely]} would be` : ''}`,
    remedy: `Let the source keep one unit; ${ofOurDays ? 'source.timeUnit: auto tells units apart, ' : ''}${asTheyAre}`,
  }
}

const ANEW =
  ' The checkpoints of this run are not for another setting: start it with --fresh then, or give it another checkpoint.directory.'

function timesAsMuch(power: number): string {
  return power > 0 ? `${scaleOf(power)} times as much` : `${scaleOf(-power)} times less`
}
