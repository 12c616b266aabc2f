import { resolve } from 'node:path'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { Plain } from '../../src/learn/checkpoint/checkpoint.js'
import { learnerIdentity } from '../../src/learn/checkpoint/learner-identity.js'
import type { FeedPosition } from '../feeds/feed.js'
import { beginPosition } from '../feeds/log/begin-position.js'
import { type Held, holdsPosition } from '../feeds/log/holds-position.js'
import { learnerOptionsOf, type TensorParts } from '../pipeline/tensor-parts.js'
import { EVENT_TIME_DEFAULTS } from '../time/event-time.js'

/** What a run is, for those who want to go on with it. */
export interface RunIdentity {
  /** Options and channels, each with its value; all of it has to be the same. */
  readonly identity: Plain
  /** What options have that an older checkpoint does not know. */
  readonly defaults: Plain
  /** Which source. */
  readonly source: Plain
  /** Where the source begins, if that is to be remembered. */
  readonly begin: () => Promise<FeedPosition | undefined>
  /** Does the source still have what was read from it up to a position? */
  readonly holds: (position: FeedPosition) => Promise<Held>
}

/** Options outside the learner that change what is learned, where a pipeline file is silent. */
const DEFAULTS = { channels: null, timeUnit: 's', timeCheck: true, ...EVENT_TIME_DEFAULTS }

/**
 * What has to be the same for a run to go on from a checkpoint of another, and what its source is.
 * @param tensors What `loadTensorParts` gave for this file.
 */
export function runIdentity(config: PipelineConfig, tensors: TensorParts): RunIdentity {
  const { source, channels, learn = {} } = config
  const eventTime = Object.entries(learn).filter(([name]) => name in EVENT_TIME_DEFAULTS)
  const { timeUnit, timeCheck } = source === undefined || source.kind === 'simulate' ? {} : source
  return {
    identity: {
      ...DEFAULTS,
      ...learnerIdentity(learnerOptionsOf(config, tensors)),
      ...(channels && { channels }),
      ...Object.fromEntries(eventTime),
      ...(learn.idle !== undefined && { idle: learn.idle }),
      ...(timeUnit && { timeUnit }),
      ...(timeCheck !== undefined && { timeCheck }),
    },
    defaults: { ...DEFAULTS, ...learnerIdentity() },
    source: whichSource(source),
    begin: () => beginPosition(source),
    holds: position => holdsPosition(source, position),
  }
}

/** What tells a source from others, without secrets and without what may change: how fast, how patient. */
function whichSource(source: PipelineConfig['source']): Plain {
  if (source === undefined) return { kind: 'stdin' }
  switch (source.kind) {
    case 'log':
      return { kind: 'log', path: resolve(source.path) }
    case 'websocket': {
      const { protocol, host, pathname } = new URL(source.url)
      return { kind: 'websocket', url: `${protocol}//${host}${pathname}` }
    }
    case 'simulate': {
      // More of the same system goes on where less of it ended, as a log does that has grown.
      const { speed: _, count: __, ...system } = source
      return system
    }
    default:
      return { kind: source.kind }
  }
}
