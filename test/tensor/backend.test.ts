import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { TENSOR_BACKENDS } from '../../src/names.js'
import { describeBackend, loadBackend, requireBackend } from '../../src/tensor/backend.js'
import { contraflow } from '../support/cli.js'
import { ROOT } from '../support/project.js'
import { temporaryDirectory } from '../support/temporary.js'

describe('loading a backend', () => {
  it('makes the fastest that works active, and says what became of each', async () => {
    const report = await loadBackend()
    expect(report.version).toBe('4.22.0')
    expect(report.attempts.map(({ name }) => name)).toEqual([...TENSOR_BACKENDS])
    const first = report.attempts.find(({ state }) => state === 'active')!
    expect(first.name).toBe(report.active)
    const before = report.attempts.slice(0, report.attempts.indexOf(first))
    expect(before.every(({ state, reason }) => state === 'unusable' && reason.length > 0)).toBe(true)
    const after = report.attempts.slice(report.attempts.indexOf(first) + 1)
    expect(after.every(({ state }) => state === 'not tried')).toBe(true)
  })

  it('takes the wanted one, also when another is active', async () => {
    expect(await requireBackend('wasm')).toBe('wasm')
    expect(await requireBackend('cpu')).toBe('cpu')
    expect(tf.getBackend()).toBe('cpu')
  })

  it('keeps the active one when the wanted one cannot be had', async context => {
    const native = await loadBackend('node')
    if (native.active !== null) context.skip('tfjs-node loads here')
    await loadBackend('cpu')
    await expect(requireBackend('node')).rejects.toThrow(
      /^TENSORFLOW_MISSING: received no backend node that works; .*npm install.*\n.*\n {4}node: unusable\. .+\n/,
    )
    expect(tf.getBackend()).toBe('cpu')
  })

  it('sets no handlers for the errors of the process', async () => {
    const load = `import { loadBackend } from '${ROOT}dist/src/tensor/backend.js'
      console.log((await loadBackend('wasm')).active)
      console.log(['uncaughtException', 'unhandledRejection'].map(event => process.listenerCount(event)).join())`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', load])
    expect(stdout).toBe('wasm\n0,0\n')
  })

  it('is described in a line for each', async () => {
    const lines = describeBackend(await loadBackend('cpu'))
    expect(lines[0]).toBe('TensorFlow.js: 4.22.0, backend cpu')
    expect(lines.slice(1)).toEqual([
      '  node: not tried. Another one was asked for.',
      '  wasm: not tried. Another one was asked for.',
      '  cpu: active. It gave the right derivative of a small function.',
    ])
  })
})

describe('contraflow check', () => {
  it('says which backend is active and why, without a banner', async () => {
    const cwd = temporaryDirectory()
    const { code, stdout, stderr } = await contraflow(['check', '/dev/null'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/\nTensorFlow\.js: 4\.22\.0, backend (node|wasm|cpu)\n( {2}(node|wasm|cpu): .+\n){3}$/)
  })

  it('says what is missing where the optional dependencies were left out', async () => {
    const main = installed({ without: packages })
    const { stdout, stderr } = await check(main)
    expect(stderr).toBe('')
    expect(stdout).toContain('TensorFlow.js: not installed\n')
    expect(stdout).toContain('wasm: unusable. @tensorflow/tfjs-core is not installed.')
    const asked = await check(main, 'model: { dynamics: { hidden: [4] } }')
    expect(asked.stdout).toContain('ok')
  })

  it('goes on with the next backend where tfjs-node is there without its native library', async () => {
    // What `npm ci --ignore-scripts` leaves behind: a package that throws an error without a code.
    const broken = `throw new Error('The Node.js native addon module (tfjs_binding.node) can not be found at path: x.')`
    const main = installed({ without: ['tfjs-node'], broken })
    const { stdout, stderr } = await check(main)
    expect(stderr).toBe('')
    expect(stdout).toContain('TensorFlow.js: 4.22.0, backend wasm\n')
    expect(stdout).toContain('  node: unusable. The Node.js native addon module (tfjs_binding.node) can not be found')
  })
})

const packages = readdirSync(join(ROOT, 'node_modules/@tensorflow'))

/** The built package, installed in a folder of its own with the same modules but some. @returns Its command. */
function installed({ without, broken }: { without: readonly string[]; broken?: string }): string {
  const folder = temporaryDirectory()
  const modules = join(folder, 'node_modules')
  const link = (names: readonly string[]) => {
    for (const name of names) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  }
  for (const part of ['dist/src', 'dist/streams', 'package.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  mkdirSync(join(modules, '@tensorflow/tfjs-node'), { recursive: true })
  link(readdirSync(join(ROOT, 'node_modules')).filter(name => !/^(@tensorflow$|\.)/.test(name)))
  link(packages.filter(name => !without.includes(name)).map(name => `@tensorflow/${name}`))
  if (broken === undefined) rmSync(join(modules, '@tensorflow/tfjs-node'), { recursive: true })
  else writeFileSync(join(modules, '@tensorflow/tfjs-node/index.js'), broken)
  return join(folder, 'dist/src/cli/main.js')
}

async function check(main: string, config = ''): Promise<{ stdout: string; stderr: string }> {
  const file = join(temporaryDirectory(), 'contraflow.yaml')
  writeFileSync(file, config)
  return promisify(execFile)(process.execPath, [main, 'check', file])
}
