import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { evaluateLog } from '../../src/cli/evaluate-log.js'
import { findProblems } from '../../src/cli/find-problems.js'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import { refuseOverwriting } from '../../streams/files/refuse-overwriting.js'
import { contraflow, ROOT } from '../support/cli.js'
import { temporaryDirectory } from '../support/temporary.js'

const good = Array.from({ length: 60 }, (_, i) => `{"t":${i},"y":[${Math.sin(i)}]}\n`).join('')

/** A directory with these files; a name that ends in "/" is a directory. */
function directory(files: Record<string, string> = {}): string {
  const cwd = temporaryDirectory()
  for (const [name, text] of Object.entries(files)) {
    if (name.endsWith('/')) mkdirSync(join(cwd, name))
    else writeFileSync(join(cwd, name), text)
  }
  return cwd
}

const { createProgram } = (await import(`${ROOT}dist/src/cli/program.js`)) as typeof import('../../src/cli/program.js')

const { exitCodeOf } = (await import(`${ROOT}dist/src/cli/failure.js`)) as typeof import('../../src/cli/failure.js')

describe('help', () => {
  const { commands } = createProgram()

  it.each(commands.map(command => [command.name(), command] as const))('of %s has an example', (name, command) => {
    let text = ''
    command.configureOutput({ writeOut: part => (text += part), getOutHasColors: () => false })
    command.outputHelp()
    const example = text.slice(text.indexOf('Example: '))
    expect(example).toMatch(name === 'adjoint' ? /^Example: \{"field"/ : new RegExp(`^Example: contraflow ${name} `))
    // Every option in it exists.
    const mine = example.split('|')[0]!
    const known = command.options.flatMap(({ short, long }) => [short, long])
    for (const [option] of name === 'adjoint' ? [] : mine.matchAll(/(?<= )--?[a-z]+/g)) expect(known).toContain(option)
  })
})

describe('a command that was not written as it should be', () => {
  it.each([
    [['run', 'p.yaml'], 'contraflow run -c p.yaml'],
    [['record', 'p.yml'], 'contraflow record -c p.yml'],
    [['replay', 'log.ndjson', 'p.yaml'], 'contraflow replay log.ndjson -c p.yaml'],
    [['verify', 'recording', 'state', 'p.yaml'], 'contraflow verify recording state -c p.yaml'],
    [['p.yaml'], 'contraflow run -c p.yaml'],
    [['log.ndjson.gz'], 'contraflow replay log.ndjson.gz'],
    [['replya', 'x'], 'replay'],
    [['replay', 'x', '--ouput', 'y'], '--output'],
  ])('%j is told what was meant, and ends with 2', async (args, meant) => {
    const program = createProgram()
    let said = ''
    for (const command of [program, ...program.commands]) command.configureOutput({ writeErr: text => (said += text) })
    const error = await program.parseAsync(args, { from: 'user' }).catch(error => error)
    expect(exitCodeOf(error)).toBe(2)
    expect(said).toMatch(new RegExp(`Did you mean:? ${meant}\\?`))
  })
})

describe('messages none of which can be used', () => {
  const cwd = () =>
    directory({
      'bad.ndjson': '{"t":1}\nx\ny\nx\n',
      'p.yaml': 'source: { kind: log, path: bad.ndjson }\nrecord: { directory: r }\n',
    })

  it.each([
    ['replay, quietly', ['replay', 'bad.ndjson', '-q']],
    ['evaluate for a program', ['evaluate', 'bad.ndjson', '--json']],
    ['run', ['run', '-c', 'p.yaml']],
    ['record', ['record', '-c', 'p.yaml']],
  ])('end %s with 1 and the most frequent reason', async (_, args) => {
    const { code, stderr } = await contraflow(args, { cwd: cwd() })
    expect(code).toBe(1)
    const end = stderr.slice(stderr.lastIndexOf('NOTHING_USABLE: '))
    expect(end).toMatch(
      /^NOTHING_USABLE: bad\.ndjson: received 4 messages, none of which could be used; .*\n {2}3 × OBSERVATION_NOT_JSON: bad\.ndjson:2: received x; /,
    )
  })

  it('are no failure when one can be used, and evaluate says why the others could not', async () => {
    const cwd = directory({ 'log.ndjson': `x\n${good}y\n` })
    const { code, stdout } = await contraflow(['evaluate', 'log.ndjson'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^log\.ndjson: 60 observations, 2 messages put aside\n {2}2 × OBSERVATION_NOT_JSON: log\.ndjson:1: received x; /,
    )
  })

  it('are none in an empty log: replay says so, evaluate has nothing to say', async () => {
    const cwd = directory({ 'empty.ndjson': '' })
    const replayed = await contraflow(['replay', 'empty.ndjson'], { cwd })
    expect(replayed).toMatchObject({ code: 0, stdout: '' })
    expect(replayed.stderr).toContain('no message came from empty.ndjson\n')
    const evaluated = await contraflow(['evaluate', 'empty.ndjson'], { cwd })
    expect(evaluated).toMatchObject({ code: 1, stdout: '' })
    expect(evaluated.stderr).toMatch(/^NOTHING_USABLE: empty\.ndjson: received no message; /)
  })
})

describe('evaluate', () => {
  it.each([
    ['the header of a CSV', 'log.csv', 't,Temp (C),hum\n1,2,3\n2,3,4\n3,5,4\n', '', ['Temp (C)', 'hum']],
    [
      'values by name',
      'log.ndjson',
      '{"t":1,"values":{"a":1,"b":2}}\n{"t":2,"values":{"a":1,"b":3}}\n',
      '',
      ['a', 'b'],
    ],
    [
      'a mapping',
      'log.ndjson',
      '{"ts":1,"v":[1,2]}\n{"ts":2,"v":[1,3]}\n',
      'source: { kind: stdin, map: { rules: [{ time: /ts, values: { in: /v/0, out: /v/1 } }] } }',
      ['in', 'out'],
    ],
    ['a pipeline file', 'log.ndjson', '{"t":1,"y":[1,2]}\n{"t":2,"y":[1,3]}\n', 'channels: [p, q]', ['p', 'q']],
  ])('takes the names of channels from %s', async (_, name, log, config, names) => {
    const cwd = directory({ [name]: log })
    const { channels } = await evaluateLog(join(cwd, name), parsePipeline(config, 'p.yaml'))
    expect(channels).toEqual(names)
  })
})

describe('check, of what a pipeline file names', () => {
  it.each([
    [
      'a log that is not there',
      'source: { kind: log, path: none.ndjson }',
      /FILE_UNREADABLE: none\.ndjson: .*no such file/,
    ],
    [
      'a secret that is not there',
      `source: { kind: websocket, url: "wss://x/?k=\${env:CONTRAFLOW_NO_SUCH}" }`,
      /SECRET_MISSING: .*CONTRAFLOW_NO_SUCH/,
    ],
    [
      'an authority that is not there',
      'source: { kind: websocket, url: "wss://x", ca: none.pem }',
      /FILE_UNREADABLE: none\.pem/,
    ],
    [
      'a token that is not there',
      'sinks: [{ kind: websocket, port: 0, token: { file: none } }]',
      /TOKEN_MISSING: none: .*no such file/,
    ],
    [
      'a certificate that is none',
      'sinks: [{ kind: websocket, port: 0, tls: { certificate: log.ndjson, key: log.ndjson } }]',
      /CERTIFICATE_UNUSABLE: log\.ndjson/,
    ],
    [
      'an address beyond this machine without a token',
      'sinks: [{ kind: websocket, port: 0, host: 0.0.0.0 }]',
      /LISTEN_UNSAFE/,
    ],
    [
      'a directory for output that is not there',
      'sinks: [{ kind: ndjson, path: none/out.ndjson }]',
      /SINK_FAILED: none\/out.ndjson: .*no such file .*, in none;/,
    ],
    ['a directory as output', 'deadLetters: { path: folder }', /SINK_FAILED: folder: received a directory/],
    [
      'the log as output',
      'source: { kind: log, path: log.ndjson }\nsinks: [{ kind: ndjson, path: ./log.ndjson }]',
      /CONFIG_INVALID: \.\/log\.ndjson: received log\.ndjson, the log itself/,
    ],
  ])('says of %s that it would not run here', async (_, text, sentence) => {
    const cwd = directory({ 'log.ndjson': good, 'folder/': '' })
    const before = process.cwd()
    process.chdir(cwd)
    onTestFinished(() => process.chdir(before))
    const problems = await findProblems(parsePipeline(text, 'p.yaml'))
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(sentence)])
  })

  it('is told programs, and ends with 1', async () => {
    const cwd = directory({
      'p.yaml': 'source: { kind: log, path: none.ndjson }',
      'ok.yaml': 'source: { kind: log, path: none.ndjson, follow: true }',
    })
    const program = await contraflow(['check', '--json', 'ok.yaml', 'p.yaml'], { cwd })
    expect(program.code).toBe(1)
    const [ok, bad] = program.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect([ok.ok, ok.problems, bad.ok, bad.problems.length]).toEqual([true, [], false, 1])
  })
})

describe('an output over what is read', () => {
  const inputs = () => {
    const cwd = directory({ 'log.ndjson': good, 'logs/': '', 'logs/b.ndjson': good })
    symlinkSync('log.ndjson', join(cwd, 'same.ndjson'))
    linkSync(join(cwd, 'log.ndjson'), join(cwd, 'twin.ndjson'))
    return cwd
  }
  const sinks = (...paths: string[]) => ({ sinks: paths.map(path => ({ kind: 'ndjson' as const, path })) })

  it.each([
    ['the log', 'log.ndjson', (cwd: string) => sinks(`${cwd}/./log.ndjson`)],
    ['a link to the log', 'log.ndjson', (cwd: string) => sinks(`${cwd}/same.ndjson`)],
    ['another name of the log', 'log.ndjson', (cwd: string) => sinks(`${cwd}/twin.ndjson`)],
    ['the log, by dead letters', 'log.ndjson', (cwd: string) => ({ deadLetters: { path: `${cwd}/log.ndjson` } })],
    ['a file of the directory of logs', 'logs', (cwd: string) => sinks(`${cwd}/logs/b.ndjson`)],
    ['another output', 'log.ndjson', (cwd: string) => sinks(`${cwd}/out`, `${cwd}/logs/../out`)],
  ])('is refused: %s', async (_, log, outputs) => {
    const cwd = inputs()
    const refused = refuseOverwriting({ source: { kind: 'log', path: join(cwd, log) }, ...outputs(cwd) })
    await expect(refused).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      expected: 'a file of its own for every output',
    })
  })

  it('is not refused beside it, nor twice where nothing is kept', async () => {
    const cwd = inputs()
    const outputs = sinks(`${cwd}/out`, `${cwd}/logs/out`, '/dev/null', '/dev/null')
    await refuseOverwriting({ source: { kind: 'log', path: `${cwd}/log.ndjson` }, ...outputs })
  })

  it('is refused by the command before it is touched', async () => {
    const cwd = inputs()
    const { code, stderr } = await contraflow(['replay', 'log.ndjson', '-o', 'same.ndjson'], { cwd })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^CONFIG_INVALID: .*nothing has been touched\.\n$/)])
    expect(readFileSync(join(cwd, 'log.ndjson'), 'utf8')).toBe(good)
  })

  it('is refused where a picture would take the place of its problem', async () => {
    const problem = '{"field":{"kind":"linear","matrix":[[1]]},"t0":0,"z0":[1],"observations":[{"t":1,"y":[2]}]}'
    const cwd = directory({ 'p.json': problem })
    const { code, stderr } = await contraflow(['adjoint', 'p.json', '--plot', './p.json'], { cwd })
    expect([code, stderr]).toEqual([2, expect.stringContaining('the problem file itself')])
    expect(readFileSync(join(cwd, 'p.json'), 'utf8')).toBe(problem)
  })
})

describe('at three in the morning', () => {
  it.each([
    [
      'a directory without logs',
      ['replay', 'folder'],
      1,
      /^FILE_UNREADABLE: folder: received a directory without files/,
    ],
    [
      'a pipeline file that is not there',
      ['run', '-c', 'none.yaml'],
      2,
      /^CONFIG_UNREADABLE: none\.yaml: received ENOENT/,
    ],
    [
      'no pipeline file',
      ['run'],
      2,
      /^CONFIG_UNREADABLE: contraflow\.yaml: received ENOENT.* Name the pipeline file \(-c FILE/,
    ],
    ['a log for a pipeline file', ['run', '-c', 'log.ndjson'], 2, /^CONFIG_UNREADABLE: log\.ndjson: /],
    [
      'output where no directory is',
      ['replay', 'log.ndjson', '-o', 'none/x'],
      1,
      /^SINK_FAILED: none\/x: received ENOENT/,
    ],
    [
      'a full disk',
      ['replay', 'log.ndjson', '-o', '/dev/full'],
      1,
      /SINK_FAILED: \/dev\/full: received ENOSPC.*space left/,
    ],
    [
      'a log for a checkpoint',
      ['inspect', 'log.ndjson'],
      1,
      /^CHECKPOINT_DAMAGED: log\.ndjson: received a file that is not a checkpoint/,
    ],
    [
      'a problem that is empty',
      ['adjoint', 'empty'],
      2,
      /^PROBLEM_INVALID: empty: .*"contraflow adjoint --help" shows an example/,
    ],
  ] as const)('%s ends with what came, what was expected, what to do', async (_, args, exit, sentence) => {
    const cwd = directory({ 'log.ndjson': good, 'folder/': '', empty: '' })
    const { code, stderr } = await contraflow(args, { cwd })
    expect([code, stderr]).toEqual([exit, expect.stringMatching(sentence)])
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('a port that is taken ends with 1 and the port', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    onTestFinished(() => {
      server.close()
    })
    const { port } = server.address() as { port: number }
    const cwd = directory({ 'p.yaml': `source: { kind: stdin }\nsinks: [{ kind: websocket, port: ${port} }]` })
    const { code, stderr } = await contraflow(['run', '-c', 'p.yaml'], { cwd })
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^SINK_FAILED: port \d+: received listen EADDRINUSE.* Choose another port, or end what uses it\./,
      ),
    ])
  })

  it('a checkpoint of another pipeline file is told from a wrong log, with the option that helps', async () => {
    const cwd = directory({
      'log.ndjson': good,
      'contraflow.yaml':
        'source: { kind: log, path: log.ndjson }\nlearn: { window: 8 }\ncheckpoint: { directory: state }\nsinks: [{ kind: ndjson, path: out }]',
      'other.yaml': 'learn: { window: 9 }',
    })
    expect((await contraflow(['run'], { cwd })).code).toBe(0)
    const { code, stderr } = await contraflow(['verify', 'log.ndjson', 'state', '-c', 'other.yaml'], { cwd })
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^CHECKPOINT_MISFIT: .*Name the pipeline file that the run had with -c FILE\./),
    ])
  })
})
