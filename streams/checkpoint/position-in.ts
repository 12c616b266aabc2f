import type { Plain } from '../../src/learn/checkpoint/checkpoint.js'
import { differences } from '../../src/learn/checkpoint/differences.js'
import type { Section } from '../../src/section.js'
import type { FeedPosition } from '../feeds/feed.js'
import type { Held } from '../feeds/log/holds-position.js'
import { misfit } from './misfit.js'

/** The source of a run. */
interface RunSource {
  readonly source: Plain
  readonly holds: (position: FeedPosition) => Promise<Held>
}

/** Where the source goes on. @throws ContraflowError CHECKPOINT_MISFIT when it is another one than the checkpoint's. */
export async function positionIn(state: Section, run: RunSource, place: string): Promise<FeedPosition | undefined> {
  const position = (state.at('position').value ?? undefined) as FeedPosition | undefined
  const held = position === undefined ? 'unknown' : await run.holds(position)
  const complaints = differences({ source: state.at('source').value as Plain }, { source: run.source })
  // A log that was moved, or zipped, is still the same.
  if (held === 'yes' || (complaints.length === 0 && held === 'unknown')) return position
  const other = 'source: its log begins otherwise than the one that was read, or is shorter'
  throw misfit(place, complaints.length > 0 ? complaints : [other], ANOTHER_SOURCE)
}

const ANOTHER_SOURCE =
  'Go back to that source, go on with what was learned and this one from its beginning with --new-source, or start anew with --fresh.'
