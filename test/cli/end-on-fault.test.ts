import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Child, contraflow, MAIN, ROOT } from '../support/cli.js'
import { turbulentLog } from '../support/interrupted.js'
import { SEED } from '../support/seed.js'
import { temporaryDirectory } from '../support/temporary.js'

const CONFIG = {
  channels: ['position', 'velocity'],
  model: { augment: 0, dynamics: { hidden: [2] } },
  learn: { window: 3, warmup: 5, allowedLateness: 0.4 },
  source: { kind: 'log', path: 'log.ndjson', overflow: { policy: 'block' } },
  sinks: [{ kind: 'ndjson', path: 'estimates.ndjson' }],
  checkpoint: { directory: 'state', every: 3600 },
}

function directory(config: object = {}): string {
  const cwd = temporaryDirectory()
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify({ ...CONFIG, ...config }))
  writeFileSync(`${cwd}/log.ndjson`, turbulentLog(300, SEED).replaceAll('{"t":"never"}\n', ''))
  return cwd
}
const estimates = (cwd: string) => readFileSync(`${cwd}/estimates.ndjson`, 'utf8')

/** Runs the command with a part of it that throws where nobody catches it. */
function runTorn(part: string, cwd: string) {
  const preload = new URL('../support/torn.mjs', import.meta.url).href
  const args = ['--import', preload, MAIN, 'run', '-q']
  return new Child(process.execPath, args, { cwd, input: '', env: { TORN: part } }).finished
}

const MESSAGE =
  /^PROGRAM_FAULT: received Error: torn 3; expected nothing that nobody has foreseen\. Run it again, .*\n$/

describe('a run in which something is thrown where nobody catches it', () => {
  it('F54, X4: by the subscriber of its feed, ends in good order with 1 and one message, and goes on exactly', async () => {
    const [cwd, other] = [directory(), directory()]
    const { code, stderr, stdout } = await runTorn('subscriber', cwd)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(MESSAGE)
    const again = await contraflow(['run'], { cwd })
    expect(again.code).toBe(0)
    // All that was passed on was learned, written, and is in the checkpoint.
    const [, taken] = /after message (\d+) of its source/.exec(again.stderr) ?? []
    expect(Number(taken)).toBeGreaterThanOrEqual(3)
    expect(await contraflow(['run', '-q'], { cwd: other })).toMatchObject({ code: 0 })
    expect(estimates(cwd)).toBe(estimates(other))
  })

  it.each([
    ['by a promise that nobody waits for', 'promise', {}],
    ['by the last subscriber of a thread', 'worker', { workers: 1 }],
  ])('X4, F54: %s, ends with 1 and one message', async (_, part, config) => {
    const { code, stderr, stdout } = await runTorn(part, directory(config))
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(MESSAGE)
  })
})

describe('endOnFault', () => {
  /** A process that would never end by itself. */
  const endless = (code: string, env: Readonly<Record<string, string>> = {}) => {
    const from = (name: string) =>
      `import { ${name} } from '${ROOT}dist/src/cli/${name.replace(/[A-Z]/g, c => `-${c.toLowerCase()}`)}.js'`
    const lines = [from('endOnFault'), from('stopSignal'), 'setInterval(() => {}, 1000)', code]
    return new Child(process.execPath, ['--input-type=module', '-e', lines.join('\n')], { input: '', env }).finished
  }
  const fail = "setImmediate(() => { throw new RangeError('torn') })"

  it('ends at once what is no run', async () => {
    const { code, stderr } = await endless(`endOnFault(); ${fail}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^PROGRAM_FAULT: received RangeError: torn; .*\n$/)
  })

  it('says where it was to who asks for it', async () => {
    const { stderr } = await endless(`endOnFault(); ${fail}`, { NODE_DEBUG: 'contraflow' })
    expect(stderr).toMatch(/^CONTRAFLOW \d+: RangeError: torn\n {4}at .*\n(?:.*\n)*PROGRAM_FAULT: /)
  })

  it('ends a run that does not come to its end any more', async () => {
    const { code, stdout } = await endless(
      `endOnFault(50); stopSignal().onabort = () => console.log('told'); ${fail}; ${fail}`,
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'told\n' })
  })
})
