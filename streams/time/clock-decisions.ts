import { identity, type MonoTypeOperatorFunction, pipe } from 'rxjs'
import type { PipelineConfig, SourceConfig } from '../../src/config/pipeline.js'
import type { Delivery } from '../feeds/feed.js'
import { type MarkSilenceOptions, markSilence } from './mark-silence.js'
import { withinSkew } from './within-skew.js'

/**
 * Does a pipeline decide something by the clock, or by how busy it is? A run that goes on must not decide it again: another clock
 * would decide otherwise.
 */
export function hasClockDecisions(config: PipelineConfig): boolean {
  const { source = { kind: 'stdin' }, learn: { idle } = {} } = config
  const overflow = 'overflow' in source ? source.overflow?.policy : undefined
  const maxSkew = 'maxSkew' in source && source.maxSkew !== undefined
  return maxSkew || (idle !== undefined && isLive(source)) || (overflow !== undefined && overflow !== 'block')
}

/** Sources that give what happens now. */
function isLive(source: SourceConfig): boolean {
  return source.kind === 'websocket' || source.kind === 'stdin' || (source.kind === 'log' && source.follow === true)
}

/**
 * All that a pipeline decides by the clock: what is too far ahead of it (`source.maxSkew`), and which keys are silent
 * (`learn.idle`, of sources that give what happens now). Belongs before the recorder, so that nothing behind it needs a clock.
 */
export function clockDecisions(
  { source = { kind: 'stdin' }, learn: { idle, maxKeys } = {} }: PipelineConfig,
  context: Omit<MarkSilenceOptions, 'idle' | 'maxKeys'>,
): MonoTypeOperatorFunction<Delivery> {
  const maxSkew = 'maxSkew' in source ? source.maxSkew : undefined
  return pipe(
    maxSkew === undefined ? identity : withinSkew(maxSkew, context.clock),
    idle !== undefined && isLive(source)
      ? markSilence({ ...context, idle, ...(maxKeys !== undefined && { maxKeys }) })
      : identity,
  )
}
