import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { verifyCheckpoint } from '../../../src/cli/verify-checkpoint.js'
import type { PipelineConfig } from '../../../src/config/pipeline.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { Recorder } from '../../../streams/recorder/recorder.js'
import { HandClock } from '../../support/hand-clock.js'
import { oscillationMessages } from '../../support/observations.js'
import { SMALL } from '../../support/pipelines.js'
import { temporaryDirectory } from '../../support/temporary.js'

function place() {
  const cwd = temporaryDirectory()
  const config: PipelineConfig = {
    ...SMALL,
    source: { kind: 'log', path: join(cwd, 'log.ndjson') },
    sinks: [{ kind: 'ndjson', path: join(cwd, 'out.ndjson') }],
    checkpoint: { directory: join(cwd, 'state') },
    record: { directory: join(cwd, 'recording') },
  }
  const send = (count: number) => writeFileSync(join(cwd, 'log.ndjson'), `${oscillationMessages(count).join('\n')}\n`)
  const verify = (recording: string, state: string) => verifyCheckpoint(join(cwd, recording), join(cwd, state), config)
  return { cwd, config, send, verify }
}

it('a fresh run puts the recording aside, and both are verified, each with its checkpoints', async () => {
  const { cwd, config, send, verify } = place()
  send(30)
  await runPipeline(config)
  send(40)
  await runPipeline(config)
  const before = readdirSync(join(cwd, 'recording')).filter(name => name.startsWith('recording-0'))
  const said: string[] = []
  send(25)
  await runPipeline(config, { fresh: true, log: line => said.push(line) })
  const aside = 'recording/aside-0000000001'
  expect(said).toContainEqual(`the recording that was there is in ${join(cwd, aside)} now`)
  expect(readdirSync(join(cwd, aside)).map(name => name.replace('.gz', ''))).toEqual(
    before.map(name => name.replace('.gz', '')),
  )
  expect(await verify('recording', 'state')).toMatchObject({ same: true, observations: 25, missing: [] })
  const [old] = readdirSync(join(cwd, 'state')).filter(name => name.startsWith('aside-'))
  expect(await verify(aside, `state/${old}`)).toMatchObject({ same: true, observations: 40, missing: [] })
  // It goes on, and a second one finds another place.
  send(35)
  await runPipeline(config)
  expect(await verify('recording', 'state')).toMatchObject({ same: true, observations: 35 })
  await runPipeline(config, { fresh: true })
  expect(readdirSync(join(cwd, 'recording'))).toContain('aside-0000000002')
})

it('what is missing at the end of a recording is said where it has gone, and no longer where it was', async () => {
  const directory = temporaryDirectory()
  const full = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  const options = { directory, clock: new HandClock(), log: () => {} }
  const value = { key: 'k', t: 1, y: Float64Array.of(1) }
  const broken = await Recorder.open({ ...options, write: full })
  broken.record({ value, position: { message: 1, values: 1 } })
  await broken.close()
  const recorder = await Recorder.open(options)
  expect(recorder.last).toBe(1)
  const aside = await recorder.setAside()
  expect(readdirSync(aside!)).toContain('recording.gap')
  expect(recorder.record({ value, position: { message: 1, values: 1 } })).toBe(1)
  expect(await recorder.setAside()).not.toBe(aside)
  await recorder.close()
})

it('there is nothing to put aside where nothing was recorded', async () => {
  const { config, send, cwd } = place()
  send(10)
  await runPipeline(config, { fresh: true })
  expect(readdirSync(join(cwd, 'recording')).filter(name => name.startsWith('aside-'))).toEqual([])
})
