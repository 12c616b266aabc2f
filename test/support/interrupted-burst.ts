import { readdirSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { DeadLetter } from '../../src/dead-letter.js'
import type { Estimate } from '../../src/estimate.js'
import type { OverflowPolicy } from '../../src/names.js'
import { Random } from '../../src/random.js'
import type { Accounting } from '../../streams/accounting.js'
import { contraflow, startContraflow } from './cli.js'
import { readJson } from './pipelines.js'
import { temporaryDirectory } from './temporary.js'

/** What kind of run is interrupted. */
export interface InterruptedBurst {
  readonly policy: OverflowPolicy
  /** Threads that learn; 0 is the main one. */
  readonly workers: number
  /** Times that it is killed. */
  readonly kills: number
  readonly seed: number
  /** Bursts, of so many messages each. */
  readonly bursts: number
  readonly size: number
  readonly recorded?: boolean
}

/** Seconds between bursts, and values that may wait. */
const [PAUSE, LIMIT] = [0.03, 32]

/** Bursts of messages of three keys, each message with a time of its own, one in fifty of them broken. */
function burstLog({ bursts, size, seed }: InterruptedBurst): string[] {
  const random = new Random(seed)
  const lines: string[] = []
  for (let burst = 0; burst < bursts; burst++)
    for (let n = 0; n < size; n++) {
      const t = burst * PAUSE + n * 1e-5
      lines.push(n % 50 === 25 ? '{"t":"never"}' : `{"key":"k${n % 3}","t":${t},"y":[${random.normal()}]}`)
    }
  return lines
}

/**
 * Runs bursts through processes that are killed with -9 at random points, until one reaches the end, and checks that everything
 * that was in the log is in exactly one place of the last one's account, and of its files.
 * @returns What the last one said.
 */
export async function accountAfterKills(burst: InterruptedBurst): Promise<Accounting> {
  const cwd = temporaryDirectory()
  const lines = burstLog(burst)
  writeFileSync(`${cwd}/log.ndjson`, lines.map(line => `${line}\n`).join(''))
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(configOf(burst)))
  const random = new Random(burst.seed)
  for (let kill = 0; kill < burst.kills; kill++) {
    const child = startContraflow(['run', '-q'], { cwd })
    // Early enough that there is something left, also where a slow machine sees several bursts as one.
    const most = Math.max(1, Math.floor((random.uniform() * 0.2 * burst.bursts * LIMIT) / burst.kills))
    const reached = new Promise<void>(resolve => {
      child.process.stdout.on('data', () => child.stdout.split('\n').length > most && resolve())
    })
    await Promise.race([reached, child.finished])
    child.process.kill('SIGKILL')
    expect((await child.finished).signal).toBe('SIGKILL')
  }
  const last = await contraflow(['run', '-q', '--json'], { cwd })
  expect(last.code).toBe(0)
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

function configOf({ policy, workers, recorded }: InterruptedBurst): object {
  return {
    channels: ['x'],
    source: { kind: 'log', path: 'log.ndjson', speed: 1, overflow: { policy, limit: LIMIT } },
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
