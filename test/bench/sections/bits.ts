import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { simulate } from '../../../streams/simulate/simulate.js'
import type { Figure, Section } from '../section.js'
import { ADAM } from '../streams.js'

const COMMAND = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url))
const VERSIONS = ['22', '24', '26']
const run = promisify(execFile)

/** Pipelines that between them use every kernel. */
const PIPELINES: Readonly<Record<string, object>> = {
  default: {},
  adam: { model: ADAM.model, solver: ADAM.solver, learn: { window: 16, optimizer: ADAM.optimizer } },
  float32: { model: { dynamics: { kind: 'mlp', activation: 'softplus', precision: 'f32' } } },
}

/** The same build and input on other versions of Node, from the npm package `node`: the output is compared byte by byte. */
export const bits: Section = {
  name: 'bits',
  title: 'The same bytes on every version of Node',
  async run(): Promise<Figure[]> {
    const folder = mkdtempSync(join(tmpdir(), 'contraflow-bits-'))
    const log = join(folder, 'log.ndjson')
    writeFileSync(log, Array.from(simulate({ system: 'lorenz', count: 500 }), line => `${line}\n`).join(''))
    for (const [name, pipeline] of Object.entries(PIPELINES))
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(pipeline))
    const here = await hashes(process.execPath, [], folder)
    const figures: Figure[] = []
    for (const version of VERSIONS) {
      const there = await hashes('npx', ['-y', `node@${version}`], folder)
      const same = Object.keys(PIPELINES).filter(name => there.get(name) === here.get(name))
      const note = `against Node ${process.versions.node}: ${same.join(', ')}`
      figures.push({
        name: `Node ${version}: pipelines with the same bytes`,
        value: same.length,
        unit: `of ${here.size}`,
        atLeast: here.size,
        note,
      })
    }
    rmSync(folder, { recursive: true })
    return figures
  },
}

async function hashes(command: string, before: readonly string[], folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const name of Object.keys(PIPELINES)) {
    const args = [...before, COMMAND, 'replay', join(folder, 'log.ndjson'), '-q', '-c', join(folder, `${name}.json`)]
    const { stdout } = await run(command, args, { maxBuffer: 1 << 26 })
    found.set(name, createHash('sha256').update(stdout).digest('hex'))
  }
  return found
}
