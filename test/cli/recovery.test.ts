import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { contraflow, startContraflow } from '../support/cli.js'
import { turbulentLog } from '../support/interrupted.js'
import { SEED } from '../support/seed.js'
import { temporaryDirectory } from '../support/temporary.js'

const CONFIG = {
  channels: ['position', 'velocity'],
  model: { augment: 0, dynamics: { hidden: [2] } },
  learn: { window: 3, warmup: 5, allowedLateness: 0.4 },
  source: { kind: 'log', path: 'log.ndjson' },
  sinks: [{ kind: 'ndjson', path: 'estimates.ndjson' }],
  checkpoint: { directory: 'state' },
}
const log = turbulentLog(200, SEED)

/** A directory in which a run has ended well. */
async function learned(): Promise<string> {
  const cwd = temporaryDirectory()
  configure(cwd, CONFIG)
  writeFileSync(`${cwd}/log.ndjson`, log)
  expect(await contraflow(['run', '-q'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}
const configure = (cwd: string, config: object) => writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(config))
const newest = (cwd: string) =>
  `${cwd}/state/${readdirSync(`${cwd}/state`)
    .filter(name => name.startsWith('checkpoint-'))
    .sort()
    .at(-1)}`
const run = (cwd: string, ...more: string[]) => contraflow(['run', '-q', ...more], { cwd })

describe('a run that goes on', () => {
  it('makes nothing twice when nothing is new, and learns what a longer log adds as one run would have', async () => {
    const cwd = await learned()
    const before = readFileSync(`${cwd}/estimates.ndjson`, 'utf8')
    expect(await run(cwd)).toMatchObject({ code: 0 })
    expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).toBe(before)
    const longer = turbulentLog(300, SEED)
    writeFileSync(`${cwd}/log.ndjson`, longer)
    const other = temporaryDirectory()
    configure(other, CONFIG)
    writeFileSync(`${other}/log.ndjson`, longer.startsWith(log) ? longer : log + longer)
    writeFileSync(`${cwd}/log.ndjson`, longer.startsWith(log) ? longer : log + longer)
    await run(cwd)
    await run(other)
    expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).toBe(readFileSync(`${other}/estimates.ndjson`, 'utf8'))
  })

  it('F46: refuses another log, and goes on with what it knows from the beginning of it with --new-source', async () => {
    const cwd = await learned()
    const [before, count] = [readFileSync(`${cwd}/estimates.ndjson`, 'utf8'), readdirSync(`${cwd}/state`).length]
    // Of later times than those that were learned.
    writeFileSync(
      `${cwd}/other.ndjson`,
      turbulentLog(400, SEED + 1)
        .split('\n')
        .slice(320)
        .join('\n'),
    )
    configure(cwd, { ...CONFIG, source: { kind: 'log', path: 'other.ndjson' } })
    const { code, stderr } = await run(cwd)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^CHECKPOINT_MISFIT: state\/checkpoint-\d+\.contraflow: received a checkpoint that differs; /,
    )
    expect(stderr).toMatch(/--new-source, or start anew with --fresh/)
    expect(stderr).toContain(`source.path: "${cwd}/log.ndjson" in the checkpoint, "${cwd}/other.ndjson" now`)
    expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).toBe(before)
    expect(readdirSync(`${cwd}/state`)).toHaveLength(count)
    expect((await run(cwd, '--new-source')).code).toBe(0)
    const after = readFileSync(`${cwd}/estimates.ndjson`, 'utf8')
    expect(after.length).toBeGreaterThan(before.length)
    expect((await run(cwd)).code).toBe(0)
    expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).toBe(after)
  })

  it('F46: refuses a log that has another content under the same name, or less of it', async () => {
    for (const content of [turbulentLog(200, SEED + 1), log.slice(0, log.length / 2)]) {
      const cwd = await learned()
      const before = readFileSync(`${cwd}/estimates.ndjson`, 'utf8')
      writeFileSync(`${cwd}/log.ndjson`, content)
      const { code, stderr } = await run(cwd)
      expect(code).toBe(1)
      expect(stderr).toContain('source: its log begins otherwise than the one that was read, or is shorter')
      expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).toBe(before)
    }
  })

  it('knows a log that was moved and zipped, and goes on where it stopped', async () => {
    const cwd = await learned()
    const before = readFileSync(`${cwd}/estimates.ndjson`, 'utf8')
    renameSync(`${cwd}/log.ndjson`, `${cwd}/moved.ndjson`)
    configure(cwd, { ...CONFIG, source: { kind: 'log', path: 'moved.ndjson' } })
    expect(await run(cwd)).toMatchObject({ code: 0, stderr: '' })
    writeFileSync(`${cwd}/moved.gz`, gzipSync(log))
    configure(cwd, { ...CONFIG, source: { kind: 'log', path: 'moved.gz' } })
    expect(await run(cwd)).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).toBe(before)
  })

  it('F53: killed before it has read anything, it begins with the file that was there then, though that has been rotated', async () => {
    const cwd = temporaryDirectory()
    const source = { kind: 'log', path: 'log.ndjson', follow: true, poll: 0.01 }
    configure(cwd, { ...CONFIG, learn: { window: 3, warmup: 5 }, source })
    writeFileSync(`${cwd}/log.ndjson`, '')
    const first = startContraflow(['run', '-q'], { cwd })
    while (!(existsSync(`${cwd}/state`) && readdirSync(`${cwd}/state`).some(name => name.endsWith('.contraflow'))))
      await new Promise(resolve => setImmediate(resolve))
    first.process.kill('SIGKILL')
    await first.finished
    const line = (t: number) => `${JSON.stringify({ t, y: [t, t] })}\n`
    appendFileSync(`${cwd}/log.ndjson`, line(1) + line(2))
    renameSync(`${cwd}/log.ndjson`, `${cwd}/log.ndjson.1`)
    writeFileSync(`${cwd}/log.ndjson`, line(3))
    const sinks = [...CONFIG.sinks, { kind: 'ndjson', path: '-' }]
    configure(cwd, { ...CONFIG, learn: { window: 3, warmup: 5 }, source, sinks })
    const second = startContraflow(['run'], { cwd })
    await second.says('stdout', /"t":3,/)
    second.process.kill('SIGTERM')
    const { code, stdout, stderr } = await second.finished
    expect(stderr).toContain('after no message')
    expect({ code, times: stdout.match(/"t":\d/g) }).toEqual({ code: 0, times: ['"t":1', '"t":2', '"t":3'] })
  })

  it('starts anew with --fresh, and puts the checkpoints that were there aside', async () => {
    const cwd = await learned()
    const checkpoints = readdirSync(`${cwd}/state`).sort()
    const content = readFileSync(newest(cwd), 'base64')
    const before = readFileSync(`${cwd}/estimates.ndjson`, 'utf8')
    configure(cwd, { ...CONFIG, learn: { ...CONFIG.learn, seed: 9 } })
    expect(await run(cwd, '--fresh')).toMatchObject({ code: 0 })
    expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).not.toBe(before)
    const aside = `state/aside-${/\d+/.exec(checkpoints.at(-1)!)![0]}`
    expect(readdirSync(`${cwd}/${aside}`).sort()).toEqual(checkpoints)
    expect(readFileSync(`${cwd}/${aside}/${checkpoints.at(-1)}`, 'base64')).toBe(content)
    expect(readdirSync(`${cwd}/state`).filter(name => checkpoints.includes(name))).toEqual([])
    expect((await contraflow(['inspect', aside], { cwd })).code).toBe(0)
  })

  it('F46: refuses a checkpoint of another model and other channels, with each field that differs', async () => {
    const cwd = await learned()
    const before = readFileSync(`${cwd}/estimates.ndjson`, 'utf8')
    const model = { augment: 1, dynamics: { hidden: [2] } }
    const learn = { ...CONFIG.learn, late: 'drop', maxAhead: 60 }
    configure(cwd, { ...CONFIG, model, learn, channels: ['position', 'speed'] })
    const { code, stderr } = await run(cwd)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^CHECKPOINT_MISFIT: state\/checkpoint-\d+\.contraflow: received a checkpoint that differs in 4 fields/,
    )
    expect(stderr).toContain('start anew with --fresh')
    expect(stderr).toContain('channels: ["position","velocity"] in the checkpoint, ["position","speed"] now')
    expect(stderr).toContain('model.augment: 0 in the checkpoint, 1 now')
    expect(stderr).toContain('learn.late: "learn" in the checkpoint, "drop" now')
    expect(stderr).toContain('learn.maxAhead: 2592000 in the checkpoint, 60 now')
    expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).toBe(before)
  })

  it('F44: goes back behind a checkpoint that was cut, and says so', async () => {
    const cwd = await learned()
    truncateSync(newest(cwd), 1000)
    const { code, stderr } = await contraflow(['run'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(/^CHECKPOINT_DAMAGED: state\/checkpoint-\d+\.contraflow: received 1000 bytes of \d+/)
    expect(stderr).toContain('going on from state/checkpoint-')
  })

  it('refuses an output that is shorter than it was, and begins one that was moved away', async () => {
    const cwd = await learned()
    truncateSync(`${cwd}/estimates.ndjson`, 10)
    expect(await run(cwd)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^SINK_FAILED: estimates.ndjson: received a file of 10 bytes; expected at least the \d+ bytes/,
      ),
    })
    expect(statSync(`${cwd}/estimates.ndjson`).size).toBe(10)
  })

  it('F43: says at once when the state cannot be written', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(`${cwd}/log.ndjson`, log)
    writeFileSync(`${cwd}/state`, 'a file')
    configure(cwd, CONFIG)
    expect(await run(cwd)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^CHECKPOINT_FAILED: state: .*EEXIST/),
    })
  })

  it.each(['/proc/nowhere/state', '/dev/null/state'])(
    'F43: says at once that no state can be kept in %s',
    async path => {
      const cwd = temporaryDirectory()
      writeFileSync(`${cwd}/log.ndjson`, log)
      for (const [code, more] of [
        ['CHECKPOINT_FAILED', { checkpoint: { directory: path } }],
        ['RECORDING_FAILED', { record: { directory: path } }],
      ] as const) {
        configure(cwd, { ...CONFIG, ...more })
        const { code: exit, stderr } = await run(cwd)
        expect(exit).toBe(1)
        expect(stderr).toMatch(new RegExp(`^${code}: ${path}: received (ENOENT|ENOTDIR).*Check the path`))
      }
    },
  )

  it('F43: ends in a sentence when the disk of its output is full', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(`${cwd}/log.ndjson`, log)
    configure(cwd, { ...CONFIG, sinks: [{ kind: 'ndjson', path: '/dev/full' }] })
    const { code, stderr } = await run(cwd)
    expect(code).toBe(1)
    expect(stderr).toMatch(/SINK_FAILED: \/dev\/full: received ENOSPC.*Check the path, the space left/)
  })

  it('F42: learns what comes before the damage of a gzip, keeps it, and goes on when the log is whole again', async () => {
    const cwd = temporaryDirectory()
    const zipped = gzipSync(log)
    configure(cwd, { ...CONFIG, source: { kind: 'log', path: 'log.gz' } })
    writeFileSync(`${cwd}/log.gz`, zipped.subarray(0, zipped.length / 2))
    expect(await run(cwd)).toMatchObject({ code: 1, stderr: expect.stringContaining('FILE_DAMAGED: log.gz: ') })
    writeFileSync(`${cwd}/log.gz`, zipped)
    expect(await run(cwd)).toMatchObject({ code: 0 })
    const whole = await learned()
    expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).toBe(readFileSync(`${whole}/estimates.ndjson`, 'utf8'))
  })
})

describe('contraflow inspect', () => {
  it.each([
    ['a directory without checkpoints', '.', /^FILE_UNREADABLE: \.: received a directory without checkpoints/],
    ['nothing', 'nowhere', /^FILE_UNREADABLE: nowhere: received ENOENT/],
    ['something else', 'log.ndjson', /^CHECKPOINT_DAMAGED: log.ndjson: received a file that is not a checkpoint/],
  ])('says what it was given: %s', async (_, path, message) => {
    const cwd = temporaryDirectory()
    mkdirSync(`${cwd}/state`)
    writeFileSync(`${cwd}/log.ndjson`, log)
    expect(await contraflow(['inspect', path], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(message),
    })
  })
})
