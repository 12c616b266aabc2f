import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Child, contraflow, MAIN } from '../support/cli.js'
import { oscillationMessages } from '../support/observations.js'
import { readLines, SMALL } from '../support/pipelines.js'
import { closedPort, TestClient } from '../support/sockets.js'
import { temporaryDirectory } from '../support/temporary.js'

/** `contraflow run` in a directory, with so many megabytes of heap. */
const runWithin = (megabytes: number, cwd: string) =>
  new Child(process.execPath, [`--max-old-space-size=${megabytes}`, MAIN, 'run', '-q'], { cwd, input: '' })

describe('contraflow run, short of memory', () => {
  it('F50: gets by on little, however much comes and whoever does not read', async () => {
    const cwd = temporaryDirectory()
    const count = 6000
    writeFileSync(`${cwd}/log.ndjson`, `${oscillationMessages(count).join('\n')}\n`)
    const port = await closedPort()
    const config = {
      ...SMALL,
      source: { kind: 'log', path: 'log.ndjson' },
      sinks: [
        { kind: 'ndjson', path: 'out.ndjson' },
        { kind: 'websocket', port, patience: 1000 },
      ],
    }
    writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(config))
    const run = runWithin(40, cwd)
    const stalled = await connectWhenOpen(`ws://127.0.0.1:${port}`)
    stalled.socket.pause()
    const { code, signal, stderr } = await run.finished
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    expect(readLines(`${cwd}/out.ndjson`)).toHaveLength(count)
  })

  it('F50: killed for want of memory, it goes on from its checkpoint as if nothing had happened', async () => {
    const [cwd, alone] = [temporaryDirectory(), temporaryDirectory()]
    // More and more keys, each with a learner of its own, until the heap is full.
    const [keys, each] = [1500, 7]
    const messages = Array.from({ length: keys * each }, (_, i) => {
      const [key, n] = [Math.floor(i / each), i % each]
      return JSON.stringify({ key: `k${key}`, t: n, y: [Math.sin(i), n] })
    })
    const config = {
      ...SMALL,
      source: { kind: 'log', path: 'log.ndjson' },
      sinks: [{ kind: 'ndjson', path: 'out.ndjson' }],
    }
    for (const directory of [cwd, alone]) writeFileSync(`${directory}/log.ndjson`, `${messages.join('\n')}\n`)
    writeFileSync(`${alone}/contraflow.yaml`, JSON.stringify(config))
    writeFileSync(
      `${cwd}/contraflow.yaml`,
      JSON.stringify({ ...config, checkpoint: { directory: 'state', every: 0.5 } }),
    )
    const killed = await runWithin(28, cwd).finished
    expect(killed.signal ?? killed.code).toBe('SIGABRT')
    expect(killed.stderr).toContain('heap out of memory')
    const done = readLines(`${cwd}/out.ndjson`).length
    expect(done).toBeLessThan(0.9 * messages.length)
    expect((await contraflow(['run', '-q'], { cwd })).code).toBe(0)
    expect((await contraflow(['run', '-q'], { cwd: alone })).code).toBe(0)
    expect(readFileSync(`${cwd}/out.ndjson`, 'utf8')).toBe(readFileSync(`${alone}/out.ndjson`, 'utf8'))
  })
})

/** A subscriber of a server that is about to start. */
async function connectWhenOpen(url: string): Promise<TestClient> {
  for (;;) {
    const client = new TestClient(url)
    const open = new Promise<boolean>(resolve => client.socket.on('open', () => resolve(true)))
    if (await Promise.race([open, client.closed.then(() => false)])) return client
  }
}
