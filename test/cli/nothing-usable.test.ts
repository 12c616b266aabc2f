import { describe, expect, it } from 'vitest'
import { contraflow } from '../support/cli.js'
import { directoryWith } from '../support/temporary.js'

const good = Array.from({ length: 60 }, (_, i) => `{"t":${i},"y":[${Math.sin(i)}]}\n`).join('')

describe('messages none of which can be used', () => {
  const cwd = () =>
    directoryWith({
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
    const cwd = directoryWith({ 'log.ndjson': `x\n${good}y\n` })
    const { code, stdout } = await contraflow(['evaluate', 'log.ndjson'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^log\.ndjson: 60 observations, 2 messages put aside\n {2}2 × OBSERVATION_NOT_JSON: log\.ndjson:1: received x; /,
    )
  })

  it('are none in an empty log: replay says so, evaluate has nothing to say', async () => {
    const cwd = directoryWith({ 'empty.ndjson': '' })
    const replayed = await contraflow(['replay', 'empty.ndjson'], { cwd })
    expect(replayed).toMatchObject({ code: 0, stdout: '' })
    expect(replayed.stderr).toContain('no message came from empty.ndjson\n')
    const evaluated = await contraflow(['evaluate', 'empty.ndjson'], { cwd })
    expect(evaluated).toMatchObject({ code: 1, stdout: '' })
    expect(evaluated.stderr).toMatch(/^NOTHING_USABLE: empty\.ndjson: received no message; /)
  })
})
