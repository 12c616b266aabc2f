import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contraflow } from '../support/cli.js'
import { temporaryDirectory } from '../support/temporary.js'

function directory(files: Record<string, string>): string {
  const path = temporaryDirectory()
  for (const [name, text] of Object.entries(files)) writeFileSync(`${path}/${name}`, text)
  return path
}

describe('contraflow check', () => {
  it('says what a good file would do, defaults included', async () => {
    const cwd = directory({
      'contraflow.yaml': 'channels: [a, b]\nmodel: { augment: 0, dynamics: { hidden: [3] } }\nlearn: { window: 8 }\n',
    })
    const { code, stdout, stderr } = await contraflow(['check'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('contraflow.yaml: ok')
    expect(stdout).toContain('channels: a, b')
    // W₁ 3×2, b₁ 3, W₂ 2×3, b₂ 2, A 2×2, and the gain 2×2.
    expect(stdout).toContain('2 state dimensions, 25 parameters')
    expect(stdout).toContain('solver: tsit5, rtol 0.0001, atol 0.000001')
    expect(stdout).toContain('window 8, stride 1, seed 1, after a warm-up of 40 observations')
    expect(stdout).toContain('NDJSON on standard output')
    expect(stdout).toContain('overflow: the feed waits for the learners; block, 65536 bytes before standard output')
  })

  it('F05: says of each queue what gives when more comes than it takes', async () => {
    const cwd = directory({
      'contraflow.yaml': [
        'source: { kind: stdin, overflow: { policy: skip-update, limit: 64 } }',
        'sinks: [{ kind: ndjson, path: a.ndjson, overflow: { policy: coalesce } }, { kind: websocket, port: 8765 }]',
        'deadLetters: { path: letters.ndjson, overflow: { policy: drop-newest, bytes: 1000 } }',
      ].join('\n'),
    })
    const { stdout } = await contraflow(['check'], { cwd })
    expect(stdout).toContain(
      'overflow: skip-update, 64 values before the learners; coalesce, 1048576 bytes before a.ndjson; ' +
        'coalesce for each subscriber on port 8765; drop-newest, 1000 bytes before letters.ndjson (streams/overflow/overflow.md)',
    )
  })

  it('prints one JSON object a file', async () => {
    const cwd = directory({ 'a.yaml': 'channels: [x]', 'b.yaml': '' })
    const { code, stdout } = await contraflow(['check', '--json', 'a.yaml', 'b.yaml'], { cwd })
    expect(code).toBe(0)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toMatchObject([
      { file: 'a.yaml', ok: true, config: { channels: ['x'] }, tensorflow: { version: '4.22.0' } },
      { file: 'b.yaml', ok: true, config: {}, tensorflow: { version: '4.22.0' } },
    ])
  })

  it('names every wrong field with place and hint, and ends with 2', async () => {
    const cwd = directory({ 'bad.yaml': 'chanels: [a]\nlearn:\n  window: many\n  sede: 1\n' })
    const { code, stdout, stderr } = await contraflow(['check', 'bad.yaml'], { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const lines = stderr.trimEnd().split('\n')
    expect(lines[0]).toMatch(
      /^CONFIG_INVALID: bad\.yaml: received 3 wrong fields; expected .* Correct the named fields/,
    )
    expect(lines.slice(1).sort()).toEqual([
      '  bad.yaml:1:1: chanels: received the unknown field "chanels"; expected "channels"',
      '  bad.yaml:3:3: learn.window: received "many"; expected number',
      '  bad.yaml:4:3: learn.sede: received the unknown field "sede"; expected "seed"',
    ])
  })

  it.each([
    ['what is no YAML', 'source: { kind: log\n', 'CONFIG_UNREADABLE: bad.yaml'],
    ['an alias without anchor', 'source: *s\n', 'CONFIG_UNREADABLE: bad.yaml'],
  ])('refuses %s, and ends with 2', async (_what, text, expected) => {
    const cwd = directory({ 'bad.yaml': text })
    const { code, stdout, stderr } = await contraflow(['check', 'bad.yaml'], { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(expected)
    expect(stderr).not.toContain('    at ')
  })
})
