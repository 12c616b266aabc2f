import { createHash } from 'node:crypto'
import { from } from 'rxjs'
import { encodeCheckpoint } from '../../src/learn/checkpoint/encode-checkpoint.js'
import { Learner } from '../../src/learn/learner.js'
import { compareObservations, type Observation } from '../../src/observation.js'
import { deduplicate } from '../../src/operators/deduplicate.js'
import { learn } from '../../src/operators/learn.js'
import { quarantine } from '../../src/operators/quarantine.js'
import { reorder } from '../../src/operators/reorder.js'
import { Random } from '../../src/random.js'
import { at, MISSING } from './observations.js'
import { collect } from './operator-contract.js'

/** Seconds an observation may be late. */
const LATENESS = 3
const LENGTH = 60
const SMALL = { warmup: 5, window: 4, model: { augment: 0, dynamics: { hidden: [4] } } } as const

/** How many streams were learned twice, and what was done to them the second time. */
export interface Disturbed {
  readonly streams: number
  readonly observations: number
  /** Repeated, or moved. */
  readonly disturbed: number
  /** Streams of which parameters, moments or estimates were other bits. */
  readonly different: number
}

/** Every observation comes again with a probability of 0.3, up to ten places later. */
export function duplicatedStreams(count: number, seed: number): Disturbed {
  return compare(count, seed, (stream, random) => {
    const arrivals = stream.map((observation, i) => ({ place: i, observation }))
    for (const [i, observation] of stream.entries())
      if (random.uniform() < 0.3) arrivals.push({ place: i + 10 * random.uniform(), observation: copy(observation) })
    return { arrivals: inOrder(arrivals), disturbed: arrivals.length - stream.length }
  })
}

/** Every observation is late by up to the allowed lateness. */
export function displacedStreams(count: number, seed: number): Disturbed {
  return compare(count, seed, (stream, random) => {
    const arrivals = inOrder(stream.map(one => ({ place: one.t + LATENESS * random.uniform(), observation: one })))
    return { arrivals, disturbed: arrivals.filter((one, i) => one !== stream[i]).length }
  })
}

const copy = ({ y, ...rest }: Observation): Observation => ({ ...rest, y: y.slice() })

function inOrder(arrivals: { place: number; observation: Observation }[]): Observation[] {
  return arrivals.sort((a, b) => a.place - b.place).map(({ observation }) => observation)
}

function compare(
  count: number,
  seed: number,
  disturb: (stream: readonly Observation[], random: Random) => { arrivals: Observation[]; disturbed: number },
): Disturbed {
  const random = new Random(seed)
  let [different, disturbed] = [0, 0]
  for (let n = 0; n < count; n++) {
    const stream = anyStream(random)
    const other = disturb(stream, random)
    disturbed += other.disturbed
    if (learned(stream) !== learned(other.arrivals)) different++
  }
  return { streams: count, observations: count * LENGTH, disturbed, different }
}

/** Gaps of whole and half seconds, some of them zero; some values missing; no two observations equal; in the order of the pipeline. */
function anyStream(random: Random): Observation[] {
  let t = 0
  const some = Array.from({ length: LENGTH }, (_, i) => {
    t += Math.floor(4 * random.uniform()) / 2
    return at(t, Math.sin(t / 3) + i * 1e-6, random.uniform() < 0.2 ? MISSING : Math.cos(t / 3))
  })
  return some.sort(compareObservations)
}

/** SHA-256 of the estimates and of everything that the learner remembers. */
function learned(arrivals: readonly Observation[]): string {
  const learner = new Learner(SMALL)
  const failures: unknown[] = []
  const operators = [
    quarantine(),
    deduplicate(),
    reorder({ allowedLateness: LATENESS, late: late => failures.push(late) }),
    learn(learner, { refused: error => failures.push(error) }),
  ] as const
  const { values, error } = collect(from(arrivals).pipe(...operators))
  if (error !== undefined || failures.length > 0 || values.length !== LENGTH)
    throw error ?? failures[0] ?? new Error(`${values.length} learned`)
  const state = encodeCheckpoint({ identity: {}, summary: {}, state: learner.save() })
  return createHash('sha256').update(JSON.stringify(values)).update(state).digest('hex')
}
