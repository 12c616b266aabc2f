import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { GapNote, gapAtEnd } from '../../../streams/recorder/gap-note.js'
import { Child, contraflow, MAIN } from '../../support/cli.js'
import { oscillationMessages } from '../../support/observations.js'
import { readLines, SMALL } from '../../support/pipelines.js'
import { temporaryDirectory } from '../../support/temporary.js'

it('F43: the gap that a recording ends in widens, outlives the process, and ends', () => {
  const directory = temporaryDirectory()
  expect(gapAtEnd(directory)).toBeUndefined()
  const note = GapNote.open(directory)
  expect(gapAtEnd(directory)).toBeUndefined()
  for (const [record, isObservation] of [
    [7, true],
    [8, false],
    [9, true],
  ] as const)
    note.widen(record, isObservation)
  const gap = { first: 7, last: 9, observations: 2 }
  expect(gapAtEnd(directory)).toEqual(gap)
  const next = GapNote.open(directory)
  expect(next.gap).toEqual(gap)
  next.end()
  expect(gapAtEnd(directory)).toBeUndefined()
  for (const each of [note, next]) each.close()
})

it('F43: of two slots one is whole, whichever byte of the note is wrong or missing', () => {
  const directory = temporaryDirectory()
  const path = `${directory}/recording.gap`
  const note = GapNote.open(directory)
  note.widen(1, true)
  note.widen(2, true)
  note.close()
  const whole = readFileSync(path)
  const [one, two] = [1, 2].map(last => ({ first: 1, last, observations: last }))
  for (let i = 0; i < whole.length; i++) {
    const damaged = Buffer.from(whole)
    damaged[i]! ^= 1
    writeFileSync(path, damaged)
    expect([one, two]).toContainEqual(gapAtEnd(directory))
    writeFileSync(path, whole.subarray(0, i))
    expect([undefined, one, two]).toContainEqual(gapAtEnd(directory))
  }
})

it('F43: killed while the disk is full, the next run goes on behind the numbers that were lost, and replay and verify tell of them', async () => {
  const cwd = temporaryDirectory()
  const config = { ...SMALL, source: { kind: 'stdin' }, record: { directory: 'recording' } }
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(config))
  const lines = oscillationMessages(130)
  // No file may grow beyond eight blocks: what is written to behind that fails, as on a full disk.
  const full = new Child('/bin/bash', ['-c', `ulimit -f 8; exec '${process.execPath}' '${MAIN}' run`], { cwd })
  full.process.stdin.write(`${lines.slice(0, 120).join('\n')}\n`)
  await full.says('stdout', /^([^\n]*\n){120}/)
  full.process.kill('SIGKILL')
  expect((await full.finished).stderr).toContain('RECORDING_FAILED')

  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify({ ...config, checkpoint: { directory: 'state' } }))
  const { stderr } = await contraflow(['run'], { cwd, input: lines.slice(120).join('\n') })
  const [, lost] = /recording: the run before could not record its last (\d+) observations/.exec(stderr) ?? []
  expect(Number(lost)).toBeGreaterThan(20)
  const replayed = await contraflow(['replay', 'recording', '-c', 'contraflow.yaml', '-o', 'again.ndjson'], { cwd })
  // A shorter record may still have fitted in behind a longer one.
  const gaps = [...replayed.stderr.matchAll(/records (\d+) to (\d+) are missing/g)].map(([, ...ends]) =>
    ends.map(Number),
  )
  expect(gaps.at(-1)).toEqual([121 - Number(lost), 120])
  const missing = gaps.reduce((sum, [first, last]) => sum + last! - first! + 1, 0)
  expect(readLines(`${cwd}/again.ndjson`)).toHaveLength(130 - missing)
  // The second run began anew, and has not learned what the recording begins with.
  const { code, stdout } = await contraflow(['verify', 'recording', 'state'], { cwd })
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('to 120 are missing') })
})
