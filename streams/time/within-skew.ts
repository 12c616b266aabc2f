import { type MonoTypeOperatorFunction, map } from 'rxjs'
import { type Delivery, isDeadLetter } from '../feeds/feed.js'
import { deadLetterOfObservation } from '../pipeline/dead-letter-of-observation.js'
import type { Clock } from './clock.js'

/**
 * Makes a dead letter, OBSERVATION_FUTURE, of every observation whose time is more than so many seconds ahead of the clock. For
 * sources that say what happens now, in seconds since 1970.
 */
export function withinSkew(maxSkew: number, clock: Clock): MonoTypeOperatorFunction<Delivery> {
  return map(delivery => {
    const { value, position } = delivery
    if (isDeadLetter(value) || value.t <= clock.wall() + maxSkew) return delivery
    return { value: deadLetterOfObservation('OBSERVATION_FUTURE', value), position }
  })
}
