import { describe, expect, it, onTestFinished } from 'vitest'
import { findProblems } from '../../src/cli/find-problems.js'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import { contraflow } from '../support/cli.js'
import { directoryWith } from '../support/temporary.js'

const good = Array.from({ length: 60 }, (_, i) => `{"t":${i},"y":[${Math.sin(i)}]}\n`).join('')

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
      /SINK_FAILED: none\/out.ndjson: .*no such file .*: no file can be made in none;/,
    ],
    ['a directory as output', 'deadLetters: { path: folder }', /SINK_FAILED: folder: received a directory/],
    [
      'the log as output',
      'source: { kind: log, path: log.ndjson }\nsinks: [{ kind: ndjson, path: ./log.ndjson }]',
      /CONFIG_INVALID: \.\/log\.ndjson: received log\.ndjson, the log itself/,
    ],
  ])('says of %s that it would not run here', async (_, text, sentence) => {
    const cwd = directoryWith({ 'log.ndjson': good, 'folder/': '' })
    const before = process.cwd()
    process.chdir(cwd)
    onTestFinished(() => process.chdir(before))
    const problems = await findProblems(parsePipeline(text, 'p.yaml'))
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(sentence)])
  })

  it('is told programs, and ends with 1', async () => {
    const cwd = directoryWith({
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
