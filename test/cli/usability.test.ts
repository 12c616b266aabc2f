import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { contraflow, ROOT } from '../support/cli.js'
import { directoryWith } from '../support/temporary.js'

const good = Array.from({ length: 60 }, (_, i) => `{"t":${i},"y":[${Math.sin(i)}]}\n`).join('')

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
    const cwd = directoryWith({ 'log.ndjson': good, 'folder/': '', empty: '' })
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
    const cwd = directoryWith({ 'p.yaml': `source: { kind: stdin }\nsinks: [{ kind: websocket, port: ${port} }]` })
    const { code, stderr } = await contraflow(['run', '-c', 'p.yaml'], { cwd })
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^SINK_FAILED: port \d+: received listen EADDRINUSE.* Choose another port, or end what uses it\./,
      ),
    ])
  })

  it('a checkpoint of another pipeline file is told from a wrong log, with the option that helps', async () => {
    const cwd = directoryWith({
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
