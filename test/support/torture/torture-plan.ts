import { OVERFLOW_POLICIES } from '../../../src/names.js'
import type { Random } from '../../../src/random.js'
import type { TortureLogOptions } from './torture-log.js'

/** Where the messages of a trial come from. `followed` is written and rotated while the run goes on. */
export const TORTURE_SOURCES = ['log', 'gzip', 'followed', 'websocket'] as const

/** How a process ends before its time. `twice` is SIGTERM and at once another, `fresh` is kill -9 of one that was to start anew. */
export const TORTURE_ENDS = ['SIGKILL', 'SIGTERM', 'SIGHUP', 'twice', 'fresh'] as const

/** One trial: a pipeline, what comes to it, and how often it is ended. */
export interface TorturePlan {
  readonly source: (typeof TORTURE_SOURCES)[number]
  readonly log: TortureLogOptions
  readonly ends: readonly (typeof TORTURE_ENDS)[number][]
  /** A pipeline file without source and sinks. */
  readonly file: Readonly<Record<string, unknown>> & {
    readonly learn: { readonly allowedLateness: number; readonly [option: string]: unknown }
  }
  readonly rotate?: { readonly bytes: number; readonly keep: number }
  readonly workers?: number
  readonly overflow?: { readonly policy: (typeof OVERFLOW_POLICIES)[number]; readonly limit: number } | undefined
  readonly record?: { readonly directory: string; readonly rotate: number }
  readonly checkpoint: { readonly directory: string; readonly every: number; readonly keep: number }
}

/** What stays the same in some of the trials. */
export type TortureChoice = Partial<Pick<TorturePlan, 'source' | 'ends' | 'record' | 'workers' | 'overflow'>>

/** Draws a trial. */
export function torturePlan(random: Random, lines: number, choice: TortureChoice = {}): TorturePlan {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(of.length * random.uniform())]!
  const sometimes = <T>(share: number, value: () => T): T | undefined =>
    random.uniform() < share ? value() : undefined
  const anySource = pick(TORTURE_SOURCES)
  const rotate = sometimes(0.4, () => ({ bytes: pick([20_000, 60_000]), keep: 400 }))
  const workers = sometimes(0.4, () => pick([1, 2, 3]))
  const overflow = sometimes(0.3, () => ({
    policy: pick(OVERFLOW_POLICIES),
    limit: pick([4, 32, 256]),
  }))
  // What tells the end of a log that has none must not be dropped.
  const drops = overflow !== undefined && !['block', 'skip-update'].includes(overflow.policy)
  const source = drops && anySource === 'followed' ? 'log' : anySource
  const record = sometimes(0.4, () => ({ directory: 'recording', rotate: pick([5000, 50_000, 1e6]) }))
  const ends = Array.from({ length: 1 + Math.floor(5 * random.uniform()) }, () =>
    pick([...TORTURE_ENDS, 'SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGKILL'] as const),
  )
  return {
    source,
    ends,
    log: {
      keys: pick([1, 2, 5]),
      lines,
      displaced: pick([0, 2, 6]),
      twice: pick([0, 0.1]),
      unreadable: pick([0, 0.03]),
      revised: pick([0, 0.08]),
    },
    file: {
      channels: ['position', 'velocity'],
      model: { augment: pick([0, 1]), dynamics: { hidden: [3] } },
      learn: {
        window: 4,
        warmup: 6,
        allowedLateness: pick([0, 0.4, 2]),
        late: pick(['learn', 'drop']),
        duplicates: pick([0, 256]),
        optimizer: { kind: pick(['kalman', 'adam']) },
      },
      ...(random.uniform() < 0.4 && { forecast: { every: 5, horizon: 2, points: 2 } }),
      deadLetters: { path: 'letters.ndjson' },
    },
    checkpoint: { directory: 'state', every: pick([0.002, 0.02, 0.2]), keep: pick([1, 3]) },
    ...(rotate && { rotate }),
    ...(workers && { workers }),
    ...(overflow && { overflow }),
    ...(record && { record }),
    ...choice,
  }
}
