import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { verificationLines } from '../../src/cli/verify-checkpoint.js'
import { contraflow, startContraflow } from '../support/cli.js'
import { turbulentLog } from '../support/interrupted.js'
import { SEED } from '../support/seed.js'
import { startServer } from '../support/sockets.js'
import { temporaryDirectory } from '../support/temporary.js'

const CONFIG = {
  channels: ['position', 'velocity'],
  model: { augment: 1, dynamics: { hidden: [3] } },
  learn: { window: 4, warmup: 6, allowedLateness: 0.4 },
  forecast: { every: 5, horizon: 2, points: 2 },
  sinks: [{ kind: 'ndjson', path: 'estimates.ndjson' }],
  record: { directory: 'recording', rotate: 20_000 },
  checkpoint: { directory: 'state', every: 0.05 },
}
const lines = turbulentLog(900, SEED).trimEnd().split('\n')

function directory(config: object): string {
  const cwd = temporaryDirectory()
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(config))
  return cwd
}

describe('a recorded run on a live feed', () => {
  it('F53: learns what it had accepted before kill -9, and a replay of the recording is the run, bit for bit', async () => {
    let next = 0
    // Ten at a time, when those before have been read; what was sent once never comes again.
    const { url } = await startServer(socket => {
      const send = () => {
        for (const line of lines.slice(next, next + 10)) socket.send(line)
        next += 10
        if (next < lines.length) socket.ping()
        else socket.close(1000)
      }
      socket.on('pong', send)
      send()
    })
    const config = { ...CONFIG, deadLetters: { path: 'dead.ndjson' } }
    const cwd = directory({ ...config, source: { kind: 'websocket', url, reconnect: false } })
    for (const share of [0.2, 0.4, 0.6]) {
      const child = startContraflow(['run'], { cwd })
      await child.says('stderr', /connected/)
      while (next < share * lines.length) await new Promise(resolve => setImmediate(resolve))
      child.process.kill('SIGKILL')
      await child.finished
    }
    const last = await contraflow(['run'], { cwd })
    expect(last).toMatchObject({ code: 0, stderr: expect.stringContaining('going on from state/') })
    const live = readFileSync(`${cwd}/estimates.ndjson`, 'utf8')
    expect(live.split('\n').length).toBeGreaterThan(500)

    const dead = readFileSync(`${cwd}/dead.ndjson`, 'utf8')
    expect(dead).toMatch(/OBSERVATION_/)

    writeFileSync(`${cwd}/plain.yaml`, JSON.stringify({ ...config, record: undefined, checkpoint: undefined }))
    const replay = await contraflow(['replay', 'recording', '-q', '-c', 'plain.yaml', '-o', 'again.ndjson'], { cwd })
    expect(replay.code).toBe(0)
    expect(readFileSync(`${cwd}/again.ndjson`, 'utf8')).toBe(live)
    expect(readFileSync(`${cwd}/dead.ndjson`, 'utf8')).toBe(dead)

    const verified = await contraflow(['verify', 'recording', 'state', '--json'], { cwd })
    expect(verified.stderr).toBe('')
    const { same, found, observations } = JSON.parse(verified.stdout)
    expect({ same, code: verified.code }).toEqual({ same: true, code: 0 })
    expect(observations).toBeGreaterThan(500)

    const inspected = await contraflow(['inspect', 'state', '--json'], { cwd })
    const { hash, keys } = JSON.parse(inspected.stdout)
    expect(hash).toBe(found)
    expect(keys).toMatchObject([
      { key: 'b', ready: true },
      { key: 'a', ready: true },
    ])
    const text = (await contraflow(['inspect', 'state'], { cwd })).stdout
    expect(text).toContain(`SHA-256 of what was learned: ${hash}`)
  }, 60_000)
})

describe('contraflow record', () => {
  it('writes down a source, goes on behind what is there, and counts what it could not use', async () => {
    const cwd = directory({ source: { kind: 'log', path: 'log.ndjson' } })
    writeFileSync(`${cwd}/log.ndjson`, `${lines.slice(0, 100).join('\n')}\n`)
    const first = await contraflow(['record', '-d', 'recording'], { cwd })
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('99 observations recorded, 0 lost, 1 messages'),
    })
    const second = await contraflow(['record', '-d', 'recording', '--json', '-q'], { cwd })
    expect(JSON.parse(second.stderr.split('\n').at(-2)!)).toEqual({ recorded: 99, lost: 0, deadLetters: 1 })
    const replayed = await contraflow(['replay', 'recording', '-q'], { cwd })
    expect(replayed.stdout.trimEnd().split('\n').length).toBeGreaterThan(90)
  })

  it('says what is missing without a directory', async () => {
    const cwd = directory({ source: { kind: 'simulate', system: 'spiral', count: 3 } })
    expect(await contraflow(['record'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^CONFIG_INVALID: received no recording directory; expected record: /),
    })
  })
})

describe('contraflow verify', () => {
  it('learns a directory of logs up to the checkpoint, however short its last file is', async () => {
    const cwd = directory({ ...CONFIG, record: undefined, source: { kind: 'log', path: 'logs' } })
    mkdirSync(`${cwd}/logs`)
    writeFileSync(`${cwd}/logs/1.ndjson`, `${lines.slice(0, 100).join('\n')}\n`)
    writeFileSync(`${cwd}/logs/2.ndjson`, `${lines.slice(100, 130).join('\n')}\n`)
    expect(await contraflow(['run', '-q'], { cwd })).toMatchObject({ code: 0 })
    writeFileSync(`${cwd}/logs/3.ndjson`, `${lines.slice(130, 200).join('\n')}\n`)
    expect(await contraflow(['verify', 'logs', 'state'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Every bit is the same.'),
    })
  })

  it('says of a log without observations that it is another one, not that it was learned otherwise', () => {
    const verification = {
      checkpoint: 'c',
      log: 'l',
      observations: 0,
      missing: [],
      expected: 'e',
      found: 'f',
      same: false,
    }
    expect(verificationLines(verification).at(-1)).toMatch(
      /^They differ: the log holds no observation up to the checkpoint/,
    )
    expect(verificationLines({ ...verification, observations: 1 }).at(-1)).toContain('the log is not what was learned')
  })

  it('finds a log that is not what was learned', async () => {
    const config = { ...CONFIG, record: undefined, source: { kind: 'log', path: 'log.ndjson' } }
    const cwd = directory(config)
    writeFileSync(`${cwd}/log.ndjson`, `${lines.slice(0, 100).join('\n')}\n`)
    expect(await contraflow(['run', '-q'], { cwd })).toMatchObject({ code: 0 })
    expect(await contraflow(['verify', 'log.ndjson', 'state'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Every bit is the same.'),
    })
    const turned = await contraflow(['verify', 'state', 'log.ndjson'], { cwd })
    expect(turned.code).toBe(2)
    expect(turned.stderr).toContain('Turn them round: contraflow verify log.ndjson state')
    const changed = lines.slice(0, 100).map(line => line.replace(/(\d)\]\}$/, (_, digit) => `${(digit + 1) % 10}]}`))
    writeFileSync(`${cwd}/log.ndjson`, `${changed.join('\n')}\n`)
    expect(await contraflow(['verify', 'log.ndjson', 'state'], { cwd })).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('They differ'),
    })
  })
})
