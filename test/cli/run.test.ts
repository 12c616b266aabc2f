import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contraflow } from '../support/cli.js'
import { oscillationMessages } from '../support/observations.js'
import { readLines } from '../support/pipelines.js'
import { closedPort } from '../support/sockets.js'
import { temporaryDirectory } from '../support/temporary.js'

const lines = oscillationMessages(30)

describe('contraflow run', () => {
  it('runs contraflow.yaml; without source and sinks it reads standard input and writes standard output', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(`${cwd}/contraflow.yaml`, 'learn: { warmup: 5 }\n')
    const { code, stdout, stderr } = await contraflow(['run'], { cwd, input: lines.join('\n') })
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(30)
    expect(stderr).toContain('30 messages, 30 estimates')
  })

  it('runs another file, and says what it connects', async () => {
    const cwd = temporaryDirectory()
    const config = {
      source: { kind: 'simulate', system: 'spiral', count: 40 },
      sinks: [
        { kind: 'ndjson', path: 'out.ndjson' },
        { kind: 'websocket', port: 0 },
      ],
      deadLetters: { path: 'dead.ndjson' },
    }
    // JSON is YAML.
    writeFileSync(`${cwd}/p.yaml`, JSON.stringify(config))
    const { code, stdout, stderr } = await contraflow(['run', '-c', 'p.yaml'], { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^estimates on ws:\/\/127\.0\.0\.1:\d+\n40 messages, 40 estimates\n/)
    expect(readLines(`${cwd}/out.ndjson`)).toHaveLength(40)
    expect(readLines(`${cwd}/dead.ndjson`)).toEqual([])
  })

  it('fails with 1 when a feed gives up', async () => {
    const cwd = temporaryDirectory()
    const url = `ws://127.0.0.1:${await closedPort()}/?token=hush`
    writeFileSync(`${cwd}/contraflow.yaml`, `source: { kind: websocket, url: "${url}", reconnect: false }`)
    const { code, stdout, stderr } = await contraflow(['run'], { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^FEED_GAVE_UP: .*ECONNREFUSED/)
    expect(stderr).not.toContain('hush')
  })

  it('ends with 2 and names every wrong field before anything is opened', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(
      `${cwd}/contraflow.yaml`,
      'sinks: [{ kind: ndjson, path: out.ndjson }]\nlearn: { window: 0, level: 2 }',
    )
    const { code, stderr } = await contraflow(['run'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('contraflow.yaml:2:10: learn.window')
    expect(stderr).toContain('contraflow.yaml:2:21: learn.level')
    expect(() => readLines(`${cwd}/out.ndjson`)).toThrow('ENOENT')
  })
})
