import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { checkPipeline } from '../../src/cli/check-pipeline.js'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import { DirectoryLock } from '../../streams/checkpoint/directory-lock.js'
import { nodeFileSystem } from '../../streams/files/file-system.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { oscillationMessages } from '../support/observations.js'
import { temporaryDirectory } from '../support/temporary.js'

const FILE = `source: { kind: log, path: log.ndjson }
channels: [a, b]
forecast: { every: 60, horizon: 3600, points: 12 }
sinks: [{ kind: ndjson, path: out.ndjson }]
checkpoint: { directory: state, keep: 2 }
record: { directory: recording }
`

/** A place in which all paths of a pipeline file are. */
function place(): void {
  const [cwd, before] = [temporaryDirectory(), process.cwd()]
  process.chdir(cwd)
  onTestFinished(() => process.chdir(before))
  writeFileSync('log.ndjson', `${oscillationMessages(50).join('\n')}\n`)
}

/** Names, contents and times of everything there. */
function everything(): string[] {
  return readdirSync('.', { recursive: true, encoding: 'utf8' }).map(name => {
    const { mtimeMs, size } = statSync(name)
    return `${name} ${size} ${mtimeMs}`
  })
}

async function run(text: string): Promise<string | undefined> {
  return runPipeline(parsePipeline(text, 'p.yaml')).then(
    () => undefined,
    error => error.message,
  )
}

/** What is foreseen of this file, which changes nothing. */
async function foresee(text: string): Promise<{ problems: string[]; lines: string }> {
  writeFileSync('p.yaml', text)
  const before = everything()
  const { problems, lines } = await checkPipeline('p.yaml')
  expect(everything()).toEqual(before)
  return { problems: problems.map(({ message }) => message), lines: lines.join('\n') }
}

it('says how a run would begin: anew, or from which checkpoint, and what it forecasts, serves and writes down', async () => {
  place()
  const first = await foresee(`${FILE}deadLetters: { path: letters.ndjson }\n`)
  expect(first.problems).toEqual([])
  expect(first.lines).toContain('forecast: every 60 s of event time, 12 points up to 3600 s ahead')
  expect(first.lines).toContain('record: every accepted observation into recording')
  expect(first.lines).toContain('dead letters: added to letters.ndjson')
  expect(first.lines).toContain('checkpoint: state, every 60 s, keeps 2; starts anew: the directory will be made')
  const serving = await foresee('sinks: [{ kind: websocket, port: 0 }]')
  expect(serving.lines).toContain('serves: ws://127.0.0.1:(a free port), to everybody on this machine')
  expect(await run(FILE)).toBeUndefined()
  expect((await foresee(FILE)).lines).toMatch(/goes on from state\/checkpoint-\d+\.contraflow, after message 50 of/)
})

it('fails as a run would: other channels, another source, a damaged checkpoint', async () => {
  place()
  await run(FILE)
  const others = FILE.replace('[a, b]', '[a, c]')
  expect((await foresee(others)).problems).toEqual([expect.stringContaining('CHECKPOINT_MISFIT: state/checkpoint')])
  expect((await foresee(others)).problems).toEqual([await run(others)])
  writeFileSync('other.ndjson', `${oscillationMessages(50).reverse().join('\n')}\n`)
  const elsewhere = FILE.replace('log.ndjson', 'other.ndjson')
  expect((await foresee(elsewhere)).problems).toEqual([await run(elsewhere)])
  for (const name of readdirSync('state').filter(file => file.endsWith('.contraflow')))
    writeFileSync(`state/${name}`, readFileSync(`state/${name}`).subarray(0, -9))
  expect((await foresee(FILE)).problems).toEqual([expect.stringContaining('CHECKPOINT_DAMAGED: state/checkpoint')])
  expect((await foresee(FILE)).problems).toEqual([await run(FILE)])
})

it('fails as a run would: directories that are in use or none', async () => {
  place()
  mkdirSync('state')
  mkdirSync('recording')
  for (const directory of ['state', 'recording']) {
    const lock = await DirectoryLock.take(directory, nodeFileSystem)
    expect((await foresee(FILE)).problems).toEqual([expect.stringContaining(`STATE_IN_USE: ${directory}: `)])
    await lock.release()
  }
  expect((await foresee(FILE)).problems).toEqual([])
  writeFileSync('file', '')
  for (const [section, code] of [
    ['checkpoint', 'CHECKPOINT_FAILED'],
    ['record', 'RECORDING_FAILED'],
  ] as const)
    for (const directory of ['file', 'file/below']) {
      const text = `source: { kind: log, path: log.ndjson }\n${section}: { directory: ${directory} }\n`
      expect(await run(text)).toMatch(code)
      expect((await foresee(text)).problems).toEqual([expect.stringContaining(`${code}: ${directory}: `)])
    }
})

it('sees where nothing can be written, whoever runs it, and names each output once', async () => {
  place()
  const { problems } = await foresee(`sinks:
  - { kind: ndjson, path: /proc/a }
  - { kind: ndjson, path: nowhere/b }
  - { kind: ndjson, path: ${'x'.repeat(300)} }
record: { directory: /proc }
checkpoint: { directory: /proc/state }
`)
  expect(problems.map(problem => problem.replace(/; expected.*/, '')).sort()).toEqual([
    expect.stringMatching(/^CHECKPOINT_FAILED: \/proc\/state: received E[A-Z]+: .*: no file can be made in \/proc$/),
    expect.stringMatching(/^RECORDING_FAILED: \/proc: received E[A-Z]+: .*: no file can be made in \/proc$/),
    expect.stringMatching(/^SINK_FAILED: \/proc\/a: received E[A-Z]+: [a-z ]+: no file can be made in \/proc$/),
    'SINK_FAILED: nowhere/b: received ENOENT: no such file or directory: no file can be made in nowhere',
    expect.stringMatching(/^SINK_FAILED: x{200}… \(300 characters\): received ENAMETOOLONG/),
  ])
  const twice = await foresee('sinks: [{ kind: ndjson, path: a/b }]\ndeadLetters: { path: a/b }\n')
  expect(twice.problems).toHaveLength(2) // that it cannot be written, and that two would write it
})

it('says of a pipeline file that is not in UTF-8 what it is', async () => {
  place()
  writeFileSync('p.yaml', Buffer.from('\ufeffchannels: [a]', 'utf16le'))
  await expect(checkPipeline('p.yaml')).rejects.toThrow('CONFIG_UNREADABLE: p.yaml: received text in UTF-16; expected')
  writeFileSync('p.yaml', Buffer.from('channels: [ä]', 'latin1'))
  await expect(checkPipeline('p.yaml')).rejects.toThrow('received bytes that are no text in UTF-8; expected text in')
})

it('fails as a run would: a port that is in use, by others or by the file itself', async () => {
  place()
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const text = `source: { kind: log, path: log.ndjson }\nsinks: [{ kind: websocket, port: ${port} }]\n`
  expect((await foresee(text)).problems).toEqual([await run(text)])
  await new Promise(resolve => server.close(resolve))
  expect((await foresee(text)).problems).toEqual([])
  const twice = `sinks: [{ kind: websocket, port: ${port} }, { kind: websocket, port: ${port} }]\n`
  expect((await foresee(twice)).problems).toEqual([
    expect.stringMatching(/SINK_FAILED: port \d+: received two websocket/),
  ])
})
