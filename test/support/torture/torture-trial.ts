import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { decodeCheckpoint } from '../../../src/learn/checkpoint/decode-checkpoint.js'
import { encodeCheckpoint } from '../../../src/learn/checkpoint/encode-checkpoint.js'
import type { Random } from '../../../src/random.js'
import type { Saved } from '../../../src/saved.js'
import type { Accounting } from '../../../streams/pipeline/accounting.js'
import { type Child, contraflow, startContraflow } from '../cli.js'
import { hashOf } from '../hash-of.js'
import { rotatedOutput } from '../rotated-output.js'
import { temporaryDirectory } from '../temporary.js'
import { endOf, tortureLog } from './torture-log.js'
import type { TorturePlan } from './torture-plan.js'
import { type TortureSource, tortureSource } from './torture-source.js'

/** What has been seen of a trial. */
export interface TortureReport {
  /** Processes that were ended, and those that went on from a checkpoint. */
  readonly ended: number
  readonly resumed: number
  /** Were all bytes compared with those of a run that was not interrupted? Otherwise what was decided under load is to stay. */
  readonly deterministic: boolean
}

/**
 * Runs what the plan says with processes that are ended at random points, and once without, and compares every byte of the output, of
 * the dead letters and of the state. Where the load decides, what was put out before kill -9 must stay, and everything is to be counted once.
 */
export async function tortureTrial(plan: TorturePlan, random: Random): Promise<TortureReport> {
  const all = tortureLog(random, plan.log)
  const { policy = 'block' } = plan.overflow ?? {}
  const deterministic = policy === 'block'
  const cwd = temporaryDirectory()
  const source = await tortureSource(plan.source, cwd, all, random)
  configure(cwd, plan, source.config)
  const { resumed, sent, before } = await interrupt(plan, cwd, all.length, source, random)
  const lines = all.slice(before)
  const { allowedLateness } = plan.file.learn
  const accounting = await finish(cwd, source, endOf(allowedLateness))
  const { received, queued, ...where } = accounting
  expect(received).toBe(Object.values(where).reduce((sum, n) => sum + n, queued))
  expect(received).toBe(lines.length)
  const final = rotatedOutput(cwd, 'estimates.ndjson')
  for (const before of sent) expect(final.includes(before), 'what was put out stays').toBe(true)
  if (deterministic) await compare(plan, cwd, lines, source, accounting, random)
  if (plan.record && !plan.ends.includes('fresh')) await verify(cwd, final)
  return { ended: plan.ends.length, resumed, deterministic }
}

/**
 * Ends processes as planned.
 * @returns What was put out before each kill -9, how many went on from a checkpoint, and how many lines a fresh start left behind.
 */
async function interrupt(plan: TorturePlan, cwd: string, lines: number, source: TortureSource, random: Random) {
  let sent: string[] = []
  let [resumed, before] = [0, 0]
  for (const end of plan.ends) {
    source.more(false)
    const known = checkpointsOf(cwd)
    const child = startContraflow(['run', ...(end === 'fresh' ? ['--fresh'] : [])], { cwd })
    await moment(child, Math.floor(((0.85 * lines) / plan.ends.length) * random.uniform()), source.endless, random)
    const signal = end === 'twice' ? 'SIGTERM' : end === 'fresh' ? 'SIGKILL' : end
    child.process.kill(signal)
    if (end === 'twice') child.process.kill(signal)
    const { code, stderr, stdout } = await child.finished
    expect([null, 0, 143], stderr).toContain(code)
    if (stderr.includes('going on from')) resumed++
    // It may have been killed before it had put them aside.
    if (end === 'fresh' && !checkpointsOf(cwd).some(name => known.includes(name))) before = source.before()
    if (end === 'fresh') sent = []
    else if (end === 'SIGKILL' && stdout.length > 0) sent.push(wholeLines(rotatedOutput(cwd, 'estimates.ndjson')))
  }
  return { sent, resumed, before }
}

/** Resolves at a random moment: after so many lines of output, or some time after the start, or after the first of them. */
async function moment(child: Child, lines: number, endless: boolean, random: Random): Promise<void> {
  if (endless || random.uniform() < 0.4) {
    const early = !endless || random.uniform() < 0.3
    if (!early) await Promise.race([once(child.process.stdout, 'data'), wait(5000), child.finished])
    await Promise.race([wait((early ? 900 : 200) * random.uniform()), child.finished])
    return
  }
  const reached = new Promise<void>(resolve => {
    const check = () => {
      if (child.stdout.length > 0 && child.stdout.split('\n').length > lines) resolve()
    }
    child.process.stdout.on('data', check)
  })
  await Promise.race([reached, child.finished])
}

/** Runs it to its end. */
async function finish(cwd: string, source: TortureSource, end: RegExp): Promise<Accounting> {
  source.more(true)
  const child = startContraflow(['run', '--json'], { cwd })
  if (source.endless) {
    await child.says('stdout', end)
    child.process.kill('SIGTERM')
  }
  const { code, stderr } = await child.finished
  expect(code, stderr).toBe(0)
  return (JSON.parse(stderr.trimEnd().split('\n').at(-1)!) as { accounting: Accounting }).accounting
}

async function compare(
  plan: TorturePlan,
  broken: string,
  lines: readonly string[],
  source: TortureSource,
  accounting: Accounting,
  random: Random,
): Promise<void> {
  const { workers: _, record: __, ...alone } = plan
  const whole = temporaryDirectory()
  // The same socket, so that its name in dead letters is the same; a log that is not rotated.
  const kind = plan.source === 'followed' ? 'log' : plan.source
  const { config } = kind === 'websocket' ? source : await tortureSource(kind, whole, lines, random)
  configure(whole, alone, config)
  const { code, stderr } = await contraflow(['run', '--json'], { cwd: whole })
  expect(code, stderr).toBe(0)
  expect(accounting).toEqual(JSON.parse(stderr.trimEnd().split('\n').at(-1)!).accounting)
  const [made, expected] = [broken, whole].map(cwd => rotatedOutput(cwd, 'estimates.ndjson')) as [string, string]
  // What was rotated away before a fresh start stays.
  const earlier = plan.rotate && plan.ends.includes('fresh') ? made.length - expected.length : 0
  expect(hashOf(made.slice(earlier))).toBe(hashOf(expected))
  expect(stateOf(broken)).toBe(stateOf(whole))
  // A fresh start adds to the file of dead letters.
  if (plan.ends.includes('fresh')) return
  const [letters, same] = [broken, whole].map(cwd => rotatedOutput(cwd, 'letters.ndjson')) as [string, string]
  if (plan.source === 'followed') expect(whatCame(letters)).toEqual(whatCame(same))
  else expect(letters).toBe(same)
}

/** The recording is the run, and the checkpoint is what was learned from it. */
async function verify(cwd: string, output: string): Promise<void> {
  const verified = await contraflow(['verify', 'recording', 'state', '--json'], { cwd })
  expect(verified.code, verified.stderr + verified.stdout).toBe(0)
  const replay = ['replay', 'recording', '-q', '-c', 'contraflow.yaml', '-o', 'again.ndjson']
  expect((await contraflow(replay, { cwd })).code).toBe(0)
  expect(hashOf(readFileSync(`${cwd}/again.ndjson`, 'utf8'))).toBe(hashOf(output))
}

function configure(cwd: string, plan: TorturePlan, source: object): void {
  const { file, rotate, workers, overflow, record, checkpoint } = plan
  const sinks = [
    { kind: 'ndjson', path: 'estimates.ndjson', ...(rotate && { rotate }) },
    { kind: 'ndjson', path: '-' },
  ]
  const config = { ...file, source: { ...source, ...(overflow && { overflow }) }, sinks, workers, record, checkpoint }
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(config))
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1)
}

/** Dead letters without the names of files. */
function whatCame(letters: string): unknown[] {
  return letters
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as { code: string; received: string })
    .map(({ code, received }) => [code, received])
}

/** Oldest first. */
function checkpointsOf(cwd: string): string[] {
  if (!existsSync(`${cwd}/state`)) return []
  return readdirSync(`${cwd}/state`)
    .filter(name => /^checkpoint-\d+\.contraflow$/.test(name))
    .sort()
}

function stateOf(cwd: string): string {
  const newest = checkpointsOf(cwd).at(-1)
  if (newest === undefined) return 'none'
  const { state } = decodeCheckpoint(readFileSync(`${cwd}/state/${newest}`), newest)
  const { parts } = state as { parts: Saved }
  return hashOf(encodeCheckpoint({ identity: null, summary: null, state: parts }))
}
