import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Figure, Section } from '../section.js'
import { vanDerPol } from '../streams.js'

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url))

export const startup: Section = {
  name: 'startup',
  title: 'From the start of the process to the first estimate',
  async run(): Promise<Figure[]> {
    const input = vanDerPol(3)
      .map(({ t, y }) => `${JSON.stringify({ t, y: Array.from(y) })}\n`)
      .join('')
    const times: number[] = []
    for (let round = 0; round < 7; round++) {
      const start = performance.now()
      const child = spawn(process.execPath, [COMMAND, 'replay', '-', '-q'], { stdio: ['pipe', 'pipe', 'inherit'] })
      const exit = once(child, 'exit')
      child.stdin.write(input)
      await once(child.stdout, 'data')
      times.push(performance.now() - start)
      child.stdin.end()
      child.stdout.resume()
      await exit
    }
    times.sort((a, b) => a - b)
    const note = `fastest ${times[0]!.toFixed(0)} ms, slowest ${times.at(-1)!.toFixed(0)} ms`
    return [{ name: 'first estimate, median of 7', value: times[3]!, unit: 'ms', atMost: 400, note }]
  },
}
