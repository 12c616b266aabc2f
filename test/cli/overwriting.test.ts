import { linkSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { refuseOverwriting } from '../../streams/files/refuse-overwriting.js'
import { contraflow } from '../support/cli.js'
import { directoryWith } from '../support/temporary.js'

const good = Array.from({ length: 60 }, (_, i) => `{"t":${i},"y":[${Math.sin(i)}]}\n`).join('')

describe('an output over what is read', () => {
  const inputs = () => {
    const cwd = directoryWith({ 'log.ndjson': good, 'logs/': '', 'logs/b.ndjson': good })
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
    const cwd = directoryWith({ 'p.json': problem })
    const { code, stderr } = await contraflow(['adjoint', 'p.json', '--plot', './p.json'], { cwd })
    expect([code, stderr]).toEqual([2, expect.stringContaining('the problem file itself')])
    expect(readFileSync(join(cwd, 'p.json'), 'utf8')).toBe(problem)
  })
})
