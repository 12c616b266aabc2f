import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { decodeCheckpoint } from '../../src/learn/checkpoint/decode-checkpoint.js'
import { encodeCheckpoint } from '../../src/learn/checkpoint/encode-checkpoint.js'
import { Random } from '../../src/random.js'
import type { Saved } from '../../src/saved.js'
import { simulate } from '../../streams/simulate/simulate.js'
import { type Child, contraflow, startContraflow } from './cli.js'
import { hashOf } from './hash-of.js'
import { rotatedOutput } from './rotated-output.js'
import { temporaryDirectory } from './temporary.js'

/** Two keys out of order with duplicates of bad lines in between: everything a checkpoint has to remember. */
export function turbulentLog(count: number, seed: number): string {
  const random = new Random(seed)
  const keys = ['a', 'b'].map(key => [
    ...simulate({ system: 'van-der-pol', count: count / 2, seed, key, missing: 0.1 }),
  ])
  const lines = keys[0]!.flatMap((line, i) => [line, keys[1]![i]!])
  // Up to three places back, which is within the allowed lateness for most, and a few that cannot be used.
  const order = lines.map((line, i) => ({ line, at: i + 3 * random.uniform() })).sort((a, b) => a.at - b.at)
  return order.map(({ line }, i) => `${i % 97 === 50 ? '{"t":"never"}' : line}\n`).join('')
}

const CONFIG = {
  channels: ['position', 'velocity'],
  model: { augment: 1, dynamics: { hidden: [3] } },
  learn: { window: 4, warmup: 6, allowedLateness: 0.4, optimizer: { kind: 'adam' } },
  forecast: { every: 5, horizon: 2, points: 2 },
  deadLetters: { path: 'letters.ndjson' },
  source: { kind: 'log', path: 'log.ndjson' },
}

export interface Interruption {
  readonly signal: 'SIGKILL' | 'SIGTERM'
  readonly count: number
  readonly seed: number
  /** Lines of the log. */
  readonly lines: number
  /** Rotate the output, which then ends up in several files. */
  readonly rotate?: { readonly bytes: number; readonly keep: number }
  /** Threads that learn; the run without interruptions has none. */
  readonly workers?: number
}

/** What runs say in the end: hashes of every byte they wrote, and of all state. */
interface Outcome {
  readonly estimates: string
  readonly letters: string
  readonly state: string
}

/**
 * Runs a log through real processes that are ended at random points, with a tenth of the log still to come each time, and once
 * through one that is not. Every byte of the output and of the final state has to be the same.
 * @returns How many lines had been learned at each interruption, and how many processes went on from a checkpoint.
 */
export async function compareInterrupted(
  interruption: Interruption,
): Promise<{ readonly learned: readonly number[]; readonly resumed: number }> {
  const { signal, count, seed, lines, rotate, workers } = interruption
  const log = turbulentLog(lines, seed)
  const whole = directory(log, rotate)
  expect(await contraflow(['run'], { cwd: whole })).toMatchObject({ code: 0 })
  const broken = directory(log, rotate, workers)
  const random = new Random(seed)
  const learned: number[] = []
  let resumed = 0
  /** Estimates that one process may make, so that a tenth of the log is left after all of them. */
  const most = Math.floor((0.85 * lines) / count)
  while (learned.length < count) {
    const child = startContraflow(['run'], { cwd: broken })
    await outputs(child, Math.floor(most * random.uniform()))
    const asked = performance.now()
    child.process.kill(signal)
    const { code, signal: killedBy, stderr } = await child.finished
    expect({ code, killedBy, stderr: code === null ? '' : stderr }).toMatchObject(
      signal === 'SIGKILL' ? { killedBy: 'SIGKILL' } : { code: 0, killedBy: null },
    )
    if (stderr.includes('going on from')) resumed++
    const output = rotatedOutput(broken, 'estimates.ndjson')
    if (signal === 'SIGTERM') {
      expect(performance.now() - asked, 'milliseconds until it had ended').toBeLessThan(10_000)
      // No line was cut.
      expect(output === '' || output.endsWith('}\n')).toBe(true)
    }
    const done = output.match(/"observed"/g)?.length ?? 0
    expect(done).toBeLessThan(0.9 * lines)
    learned.push(done)
  }
  expect(await contraflow(['run'], { cwd: broken })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('going on from'),
  })
  expect(outcome(broken)).toEqual(outcome(whole))
  return { learned, resumed }
}

/** Resolves when a process has put out so many lines; at 0, when it has begun to go on, or at once. */
async function outputs(child: Child, lines: number): Promise<void> {
  const reached = new Promise<void>(resolve => {
    const check = () => {
      if (child.stdout.split('\n').length > lines && child.stdout.length > 0) resolve()
    }
    child.process.stdout.on('data', check)
    if (lines === 0) child.process.stderr.on('data', () => resolve())
  })
  await Promise.race([reached, child.finished])
}

function directory(log: string, rotate: Interruption['rotate'], workers?: number): string {
  const cwd = temporaryDirectory()
  const sinks = [
    { kind: 'ndjson', path: 'estimates.ndjson', ...(rotate && { rotate }) },
    { kind: 'ndjson', path: '-' },
  ]
  const checkpoint = { directory: 'state', every: 0.01 }
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify({ ...CONFIG, sinks, checkpoint, ...(workers && { workers }) }))
  writeFileSync(`${cwd}/log.ndjson`, log)
  return cwd
}

function outcome(cwd: string): Outcome {
  const newest = readdirSync(`${cwd}/state`).sort().at(-1)!
  const { state } = decodeCheckpoint(readFileSync(`${cwd}/state/${newest}`), newest)
  const { parts } = state as { parts: Saved }
  const bytes = encodeCheckpoint({ identity: null, summary: null, state: parts })
  return {
    estimates: hashOf(Buffer.from(rotatedOutput(cwd, 'estimates.ndjson'))),
    letters: hashOf(Buffer.from(rotatedOutput(cwd, 'letters.ndjson'))),
    state: hashOf(bytes),
  }
}
