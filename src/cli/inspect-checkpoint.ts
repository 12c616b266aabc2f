import { loadCheckpoint } from '../../streams/checkpoint/load-checkpoint.js'
import { stateHash } from '../../streams/checkpoint/state-hash.js'
import type { Plain } from '../learn/checkpoint/checkpoint.js'
import { isSavedArray, type Saved } from '../saved.js'
import { Section } from '../section.js'

/** What `contraflow inspect` prints. */
export interface CheckpointInspection {
  readonly path: string
  readonly bytes: number
  /** When it was made, where the source was, how long the outputs were. */
  readonly summary: Plain
  readonly identity: Plain
  /** Messages taken in and estimates made. */
  readonly counts: Plain
  readonly keys: readonly KeyInspection[]
  /** SHA-256 of what was learned, of all keys; what `verify` compares. */
  readonly hash: string
}

/** What one key has learned from. */
export interface KeyInspection {
  readonly key: string
  /** Event time of its last observation; null before the first. */
  readonly time: number | null
  readonly updates: number
  /** Is the warm-up over? */
  readonly ready: boolean
  /** Numbers that are stored for it. */
  readonly numbers: number
}

/** Reads a checkpoint without changing anything. @throws ContraflowError as `loadCheckpoint`. */
export async function inspectCheckpoint(place: string): Promise<CheckpointInspection> {
  const { path, bytes, checkpoint } = await loadCheckpoint(place)
  const { identity, summary, state } = checkpoint
  const parts = new Section(state).at('parts')
  const keys = parts.at('keys')
  return {
    path,
    bytes,
    summary,
    identity,
    counts: parts.at('run').value as Plain,
    keys: keys.list.map(inspectKey),
    hash: stateHash(keys.value),
  }
}

function inspectKey(saved: Section): KeyInspection {
  const learner = saved.at('parts').at('learner')
  const trained = learner.at('trained')
  const time = learner.at('time').number
  const updates = trained.isNull ? 0 : trained.at('filter').at('arrays').at('counters').doubles()[0]!
  return {
    key: saved.at('key').text,
    time: Number.isFinite(time) ? time : null,
    updates,
    ready: !trained.isNull,
    numbers: countNumbers(saved.value),
  }
}

function countNumbers(value: Saved): number {
  if (typeof value === 'number') return 1
  if (typeof value !== 'object' || value === null) return 0
  if (isSavedArray(value)) return value.length
  const fields: readonly Saved[] = Array.isArray(value) ? value : Object.values(value)
  return fields.reduce((sum: number, field) => sum + countNumbers(field), 0)
}

export function inspectionLines({
  path,
  bytes,
  summary,
  identity,
  counts,
  keys,
  hash,
}: CheckpointInspection): string[] {
  const { at } = summary as { at: number }
  return [
    `${path}: ${bytes} bytes, made at ${new Date(at * 1000).toISOString()}`,
    `summary: ${JSON.stringify(summary)}`,
    `counts: ${JSON.stringify(counts)}`,
    `options: ${JSON.stringify(identity)}`,
    ...keys.map(
      ({ key, time, updates, ready, numbers }) =>
        `key ${JSON.stringify(key)}: ${ready ? `${updates} updates` : 'in its warm-up'}, last at t=${time}, ${numbers} numbers`,
    ),
    `SHA-256 of what was learned: ${hash}`,
  ]
}
