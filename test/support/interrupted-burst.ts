import { appendFileSync, readdirSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { DeadLetter } from '../../src/dead-letter.js'
import type { Estimate } from '../../src/estimate.js'
import type { OverflowPolicy } from '../../src/names.js'
import { Random } from '../../src/random.js'
import type { Accounting } from '../../streams/pipeline/accounting.js'
import { contraflow, startContraflow } from './cli.js'
import { readJson } from './pipelines.js'
import { temporaryDirectory } from './temporary.js'

/** What kind of run is interrupted. */
export interface InterruptedBurst {
  readonly policy: OverflowPolicy
  /** Threads that learn; 0 is the main one. */
  readonly workers: number
  readonly recorded: boolean
  /** Times that it is killed. */
  readonly kills: number
  readonly seed: number
  /** Messages that come before each kill, and after the last one. */
  readonly size: number
}

/** Values that may wait. */
const LIMIT = 32

/** Messages of three keys, each with a time of its own, one in fifty of them broken. */
function messages(count: number, seed: number): string[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, n) =>
    n % 50 === 25 ? '{"t":"never"}' : `{"key":"k${n % 3}","t":${n},"y":[${random.normal()}]}`,
  )
}

/**
 * Writes bursts into a log that processes follow, each of which is killed with -9 at a random point, until the last one reads the rest
 * to its end, and checks that everything that was in the log is in exactly one place of its account, and of the files.
 * @returns What the last one said.
 */
export async function accountAfterKills(burst: InterruptedBurst): Promise<Accounting> {
  const cwd = temporaryDirectory()
  const { kills, size, seed } = burst
  const lines = messages((kills + 1) * size, seed)
  const add = (part: number) =>
    appendFileSync(
      `${cwd}/log.ndjson`,
      lines
        .slice(part * size, (part + 1) * size)
        .map(line => `${line}\n`)
        .join(''),
    )
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(configOf(burst, false)))
  writeFileSync(`${cwd}/live.yaml`, JSON.stringify(configOf(burst, true)))
  const random = new Random(seed)
  for (let kill = 0; kill < kills; kill++) {
    add(kill)
    // A run that follows never ends of itself.
    const child = startContraflow(['run', '-q', '-c', 'live.yaml'], { cwd })
    const some = 1 + Math.floor(random.uniform() * LIMIT * 0.5)
    await child.says('stdout', new RegExp(`(.*\\n){${some}}`))
    child.process.kill('SIGKILL')
    expect((await child.finished).signal).toBe('SIGKILL')
  }
  add(kills)
  const last = await contraflow(['run', '-q', '--json'], { cwd })
  expect(last).toMatchObject({ code: 0 })
  const { accounting } = JSON.parse(last.stderr.trimEnd().split('\n').at(-1)!) as { accounting: Accounting }
  const { received, queued, ...places } = accounting
  expect([received, queued]).toEqual([lines.length, 0])
  expect(Object.values(places).reduce((sum, count) => sum + count, 0)).toBe(received)
  expect(places.dead).toBe(lines.filter(line => line.includes('never')).length)
  checkFiles(cwd, accounting)
  return accounting
}

/** Nothing has been learned twice, and nothing that was dropped has been learned. */
function checkFiles(cwd: string, { learned, skipped, dropped }: Accounting): void {
  const estimates = readJson<Estimate>(`${cwd}/estimates.ndjson`)
  expect(estimates).toHaveLength(learned + skipped)
  const times = new Set(estimates.map(({ t }) => t))
  expect(times.size).toBe(estimates.length)
  const letters = readdirSync(cwd).includes('letters.ndjson') ? readJson<DeadLetter>(`${cwd}/letters.ndjson`) : []
  const named = letters.filter(({ code }) => code === 'OBSERVATION_DROPPED')
  const lost = new Set(named.map(({ received }) => Number(/^t=(\S+)/.exec(received)![1])))
  // Of long runs only the first ones are named.
  expect([lost.size, lost.size <= dropped]).toEqual([named.length, true])
  for (const t of lost) expect(times.has(t)).toBe(false)
}

function configOf({ policy, workers, recorded }: InterruptedBurst, follow: boolean): object {
  return {
    channels: ['x'],
    source: { kind: 'log', path: 'log.ndjson', follow, overflow: { policy, limit: LIMIT } },
    model: { augment: 0, dynamics: { hidden: [3] } },
    learn: { window: 4, warmup: 6, optimizer: { kind: 'adam' } },
    sinks: [
      { kind: 'ndjson', path: 'estimates.ndjson' },
      { kind: 'ndjson', path: '-' },
    ],
    deadLetters: { path: 'letters.ndjson' },
    checkpoint: { directory: 'state', every: 0.01 },
    ...(recorded && { record: { directory: 'recording' } }),
    ...(workers > 0 && { workers }),
  }
}
