import { ERRORS, shorten } from '../../src/errors.js'
import type { LoadStage } from '../load/load-stage.js'
import type { RejectReport } from './reject-watch.js'

/** Why a pipeline is not as well as it should be, and what to do. */
export interface HealthReason {
  /** Stable name: of an error, or LOAD, LEARNING_FROZEN or SENSOR_STUCK. */
  readonly code: string
  readonly sentence: string
}

/** How a pipeline is. */
export interface HealthReport {
  /** It works, or it works with something wrong. */
  readonly status: 'ok' | 'degraded'
  /** Empty when it is ok. */
  readonly reasons: readonly HealthReason[]
}

/** Channels that are stuck: numbers by key, and names of the channels as far as they are known. */
export interface StuckChannels {
  readonly byKey: ReadonlyMap<string, readonly number[]>
  readonly names: readonly string[]
}

/** What health is judged by. */
export interface HealthSigns {
  /** Of the last messages, while too many of them cannot be used. */
  readonly rejects: RejectReport | undefined
  readonly load: LoadStage
  /** Keys that learn no more. */
  readonly frozen: number
  /** Channels that have had the same value for far longer than they usually do, by key. */
  readonly stuck: StuckChannels
  /** Why the last checkpoint, record or output could not be written; empty when they could. */
  readonly failures: readonly HealthReason[]
}

const SHED: Readonly<Record<LoadStage, string>> = {
  normal: '',
  'refuse-subscribers': 'new subscribers are refused',
  conflate: 'subscribers get the latest message of each key only, and no forecasts on request',
  'skip-updates': 'observations are predicted and not learned',
  'pause-feed': 'observations are predicted and not learned, and the feed waits',
}

/** Judges the signs: one sentence for everything that is wrong. */
export function healthReport({ rejects, load, frozen, stuck, failures }: HealthSigns): HealthReport {
  const reasons: HealthReason[] = [...failures]
  if (rejects) reasons.push(rejectReason(rejects))
  if (load !== 'normal')
    reasons.push({
      code: 'LOAD',
      sentence: `More comes than can be done: ${SHED[load]}. Make the model smaller, raise learn.stride or workers, or send less.`,
    })
  if (frozen > 0)
    reasons.push({
      code: 'LEARNING_FROZEN',
      sentence: `${frozen} keys are predicted and learn no more, because their parameters ran away. Lower the rate, or start anew with --fresh.`,
    })
  if (stuck.byKey.size > 0) reasons.push(stuckReason(stuck))
  return { status: reasons.length > 0 ? 'degraded' : 'ok', reasons }
}

/** Names a few; estimates name them all. */
function stuckReason({ byKey, names }: StuckChannels): HealthReason {
  const shown = [...byKey].slice(0, 3).map(([key, channels]) => {
    const some = channels.slice(0, 3).map(j => names[j] ?? `c${j}`)
    return `${some.join(', ')}${channels.length > 3 ? ', …' : ''} of ${shorten(key, 64)}`
  })
  return {
    code: 'SENSOR_STUCK',
    sentence: `The same value has come for far longer than it usually does: ${shown.join('; ')}${byKey.size > 3 ? `; and ${byKey.size - 3} more keys` : ''}. Check these sensors; estimates name them in "stuck".`,
  }
}

function rejectReason({ received, rejected, codes }: RejectReport): HealthReason {
  const [code, count] = codes[0] ?? (['OBSERVATION_INVALID', 0] as const)
  const { expected, remedy } = ERRORS[code]
  const often = codes.length > 1 ? `, ${count} of them with ${code}` : ` (${code})`
  return {
    code,
    sentence: `${rejected} of the last ${received} messages could not be used${often}: expected ${expected}. ${remedy}`,
  }
}
