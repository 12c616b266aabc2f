import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { encodeCheckpoint } from '../../src/learn/checkpoint/encode-checkpoint.js'
import { CheckpointDirectory } from '../../streams/checkpoint/checkpoint-directory.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { startContraflow } from '../support/cli.js'
import { oscillationMessages } from '../support/observations.js'
import { SMALL, writeLog } from '../support/pipelines.js'
import { contraflowInNamespace, LEASE, NO_NAMESPACES, Rival, signalInNamespace } from '../support/rival.js'
import { temporaryDirectory } from '../support/temporary.js'

const COUNT = Number(process.env.COUNT ?? 200)

it('F71: who stood still while another took the directory writes nothing when it goes on', async context => {
  if (NO_NAMESPACES !== undefined) context.skip(NO_NAMESPACES)
  const directory = temporaryDirectory()
  const rival = new Rival(directory)
  let accepted = 0
  for (let round = 1; round <= COUNT; round++) {
    expect(await rival.does('open')).toBe('done')
    expect(await rival.does(`write ${-round}`)).toBe('done')
    rival.signal('SIGSTOP')
    const opened = await CheckpointDirectory.open({ directory, keep: 1, ...LEASE })
    rival.tell(`write ${-round}`)
    rival.signal('SIGCONT')
    if ((await rival.answer()) === 'done') accepted++
    await opened.write(encodeCheckpoint({ identity: null, summary: round, state: {} }))
    expect((await opened.newest(() => {}))?.checkpoint.summary).toBe(round)
    await opened.close()
    expect(readdirSync(directory)).toHaveLength(1)
    expect(await rival.does('close')).toBe('done')
  }
  rival.end()
  const bound = ((100 * 3) / COUNT).toFixed(1)
  console.log(`${COUNT} rounds: ${accepted} writes of one that stood still (95 % upper bound ${bound} %)`)
  expect(accepted).toBe(0)
})

it('F71: a run in a container that stood still for 10 s leaves checkpoints and output to the one that took over', async context => {
  if (NO_NAMESPACES !== undefined) context.skip(NO_NAMESPACES)
  const directory = temporaryDirectory()
  const lines = oscillationMessages(300)
  const [log, output, config] = [writeLog(lines.slice(0, 100)), `${directory}/out.ndjson`, `${directory}/c.json`]
  const pipeline = {
    ...SMALL,
    source: { kind: 'log', path: log, follow: true, poll: 0.05 },
    sinks: [{ kind: 'ndjson', path: output }],
    checkpoint: { directory: `${directory}/state`, every: 0.2 },
  } as const
  writeFileSync(config, JSON.stringify(pipeline))
  const first = contraflowInNamespace(['run', '-c', config])
  await until(() => readLength(output) >= 100)
  signalInNamespace(first, 'SIGSTOP')
  const begin = performance.now()
  const second = startContraflow(['run', '-c', config])
  await second.says('stderr', /waiting up to 10 s for a sign of life/)
  await second.says('stderr', /going on from/)
  const waited = (performance.now() - begin) / 1000
  append(log, lines.slice(100, 200))
  await until(() => readLength(output) >= 200)
  signalInNamespace(first, 'SIGCONT')
  append(log, lines.slice(200))
  const { code, stderr } = await first.finished
  expect(stderr).toMatch(/STATE_IN_USE: .*another run has taken it/)
  expect(code).toBe(1)
  await until(() => readLength(output) >= 300)
  second.process.kill('SIGTERM')
  expect((await second.finished).code).toBe(0)
  const alone = `${directory}/alone.ndjson`
  await runPipeline({ ...SMALL, source: { kind: 'log', path: log }, sinks: [{ kind: 'ndjson', path: alone }] })
  expect(readFileSync(output)).toEqual(readFileSync(alone))
  console.log(
    `a run that stood still: the other one went on after ${waited.toFixed(1)} s; 0 differences in 300 estimates`,
  )
})

const append = (path: string, lines: readonly string[]) => appendFileSync(path, lines.map(line => `${line}\n`).join(''))

/** Estimates in a file. */
function readLength(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 30_000, interval: 20 }).toBe(true)
}
