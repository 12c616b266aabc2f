import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Learner } from '../../../src/index.js'
import { SharedTapes } from '../../../src/ode/solution/shared-tapes.js'
import type { Figure, Section } from '../section.js'
import { KALMAN, vanDerPol } from '../streams.js'

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url))
const KEYS = 1000
/** Of which 40 are the warm-up; so many that the start of the process and of its threads counts for little. */
const PER_KEY = 240

export const keys: Section = {
  name: 'keys',
  title: 'Many keys: worker threads, memory, start',
  async run(): Promise<Figure[]> {
    return [...(await workers()), ...many(10_000)]
  },
}

/** `contraflow replay` on a thousand keys, the whole process, with one worker and two in turns. */
async function workers(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'contraflow-bench-'))
  const streams = Array.from({ length: KEYS }, (_, k) => vanDerPol(PER_KEY, k + 1))
  const lines = Array.from({ length: PER_KEY }, (_, i) =>
    streams.map((stream, k) => JSON.stringify({ key: `key-${k}`, t: stream[i]!.t, y: Array.from(stream[i]!.y) })),
  )
  writeFileSync(join(folder, 'log.ndjson'), `${lines.flat().join('\n')}\n`)
  const rates = new Map<number, number>()
  for (const count of [0, 1, 2, 2, 1]) {
    const file = join(folder, `${count}.json`)
    writeFileSync(file, JSON.stringify({ channels: ['x', 'v'], ...(count > 0 && { workers: count }) }))
    const start = performance.now()
    const args = [COMMAND, 'replay', join(folder, 'log.ndjson'), '-q', '-c', file, '-o', join(folder, 'out.ndjson')]
    const [code] = await once(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit')
    if (code !== 0) throw new Error(`contraflow replay ended with ${code}`)
    const rate = (KEYS * PER_KEY * 1000) / (performance.now() - start)
    rates.set(count, Math.max(rates.get(count) ?? 0, rate))
  }
  rmSync(folder, { recursive: true })
  const figure = (count: number, name: string): Figure => {
    return {
      name: `${KEYS} keys, ${name}`,
      value: rates.get(count)!,
      unit: 'obs/s',
      note: 'start-up and warm-up included',
    }
  }
  const ratio = rates.get(2)! / rates.get(1)!
  return [
    figure(0, 'main thread'),
    figure(1, 'one worker'),
    figure(2, 'two workers'),
    { name: 'two workers / one worker', value: ratio, unit: '×', atLeast: 1.8 },
  ]
}

/** Learners of the default pipeline that have all ended their warm-up. */
function many(count: number): Figure[] {
  const observations = vanDerPol(45)
  const tapes = new SharedTapes()
  gc!()
  const before = process.memoryUsage().rss
  const start = performance.now()
  const learners = Array.from({ length: count }, () => new Learner(KALMAN, tapes))
  // The learners start in the order in which keys come, with the first observation of each.
  for (const learner of learners) learner.observe(observations[0]!)
  const started = performance.now() - start
  for (const learner of learners) for (let i = 1; i < 45; i++) learner.observe(observations[i]!)
  gc!()
  const after = process.memoryUsage().rss
  const name = count.toLocaleString('en')
  return [
    { name: `${name} keys, resident memory`, value: (after - before) / 2 ** 30, unit: 'GiB', atMost: 2 },
    { name: `${name} keys, until each has its first estimate`, value: started / 1000, unit: 's', atMost: 10 },
    { name: `${name} keys, until each has its model`, value: (performance.now() - start) / 1000, unit: 's' },
  ]
}
