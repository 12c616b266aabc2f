import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { contraflow, MAIN, shell, startContraflow } from '../support/cli.js'
import { turbulentLog } from '../support/interrupted.js'
import { SEED } from '../support/seed.js'
import { temporaryDirectory } from '../support/temporary.js'

const LINES = 1000
const log = turbulentLog(LINES, SEED)
const CONFIG = {
  channels: ['position', 'velocity'],
  model: { augment: 0, dynamics: { hidden: [2] } },
  learn: { window: 3, warmup: 5, allowedLateness: 0.4 },
  source: { kind: 'log', path: 'log.ndjson' },
  sinks: [
    { kind: 'ndjson', path: 'estimates.ndjson' },
    { kind: 'ndjson', path: '-' },
  ],
  checkpoint: { directory: 'state', every: 0.02 },
}

function directory(config: object = CONFIG): string {
  const cwd = temporaryDirectory()
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(config))
  writeFileSync(`${cwd}/log.ndjson`, log)
  return cwd
}

const estimates = (cwd: string) => readFileSync(`${cwd}/estimates.ndjson`, 'utf8')

/** What a run that nothing happens to puts out; made once. */
let expected: Promise<string> | undefined
async function whole(): Promise<string> {
  expected ??= (async () => {
    const cwd = directory()
    expect(await contraflow(['run', '-q'], { cwd })).toMatchObject({ code: 0 })
    return estimates(cwd)
  })()
  return expected
}

/** Goes on to the end, as if nothing had happened. */
async function endsWell(cwd: string): Promise<void> {
  expect(await contraflow(['run', '-q'], { cwd })).toMatchObject({ code: 0 })
  expect(estimates(cwd)).toBe(await whole())
}

describe('a run that somebody ends', () => {
  it('F52: by any signal while it starts, whenever: it goes on exactly', async () => {
    const cwd = directory()
    for (const [i, signal] of (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const).entries()) {
      const child = startContraflow(['run', '-q'], { cwd })
      await Promise.race([wait(80 * i), child.finished])
      child.process.kill(signal)
      const { code, signal: killedBy, stderr } = await child.finished
      // Before it can listen there is nothing to lose, and the system ends it.
      expect([0, null]).toContain(code)
      if (code === null) expect(killedBy).toBe(signal)
      expect(stderr).not.toMatch(/Error/)
    }
    await endsWell(cwd)
  })

  it('F52: by two signals at once: it goes on exactly', async () => {
    const cwd = directory()
    for (let times = 0; times < 2; times++) {
      const child = startContraflow(['run', '-q'], { cwd })
      await child.says('stdout', /\n/)
      child.process.kill('SIGTERM')
      child.process.kill('SIGINT')
      const { code } = await child.finished
      expect([0, 130, 143]).toContain(code)
    }
    await endsWell(cwd)
  })
})

describe('a run whose output goes nowhere', () => {
  it('ends well when the reader of its standard output has seen enough, and goes on exactly', async () => {
    const cwd = directory()
    const { stdout, stderr } = await shell('{ contraflow run -q; echo "exit $?" >&2; } | head -3', { cwd })
    expect(stdout.split('\n')).toHaveLength(4)
    expect(stderr).toMatch(/^exit 0\n$/m)
    expect(readdirSync(`${cwd}/state`).some(name => name.endsWith('.contraflow'))).toBe(true)
    await endsWell(cwd)
  })

  it('goes on when nobody reads its standard error any more', async () => {
    const cwd = directory({ ...CONFIG, sinks: CONFIG.sinks.slice(0, 1) })
    const child = startContraflow(['run'], { cwd })
    child.process.stderr.destroy()
    // It says how many lines could not be read, each of them, and what it has learned.
    expect((await child.finished).code).toBe(0)
    expect(estimates(cwd)).toBe(await whole())
  })
})

describe('F43: a run whose disk is full after a while', () => {
  /** Files of at most so many blocks of 512 bytes, which the system keeps as it keeps the end of a disk: writes come back short, then fail. */
  const limited = (blocks: number, cwd: string, more = '') =>
    shell(`ulimit -f ${blocks}; exec '${process.execPath}' '${MAIN}' run ${more} >/dev/null`, { cwd })

  it('says so, ends, and goes on exactly when there is space again', async () => {
    const cwd = directory()
    const { code, stderr } = await limited(200, cwd)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^SINK_FAILED: estimates\.ndjson: received EFBIG.*Check the path, the space left/m)
    const { length } = estimates(cwd)
    expect(length).toBeLessThanOrEqual(200 * 512)
    expect(length).toBeLessThan((await whole()).length / 2)
    await endsWell(cwd)
  })

  it('goes on learning when it is the recording that cannot be written, and says so', async () => {
    const cwd = directory({ ...CONFIG, sinks: [{ kind: 'ndjson', path: '-' }], record: { directory: 'recording' } })
    const { code, stderr } = await limited(60, cwd, '--json')
    expect(code).toBe(0)
    // A line that is shorter than the one before may still have room.
    const [failed, again] = [/^RECORDING_FAILED/gm, /recording again/g].map(said => stderr.match(said)?.length ?? 0)
    expect(failed).toBe(again! + 1)
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1)!).received).toBe(LINES)
  })

  it('begins nothing when not even the first checkpoint can be written', async () => {
    const cwd = directory()
    const { code, stderr } = await limited(1, cwd)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^CHECKPOINT_FAILED: state\/checkpoint-\d+\.contraflow: received EFBIG.*Check the path, the space left/,
    )
    expect(existsSync(`${cwd}/state`) && readdirSync(`${cwd}/state`)).toEqual([])
    expect(estimates(cwd)).toBe('')
  })
})
