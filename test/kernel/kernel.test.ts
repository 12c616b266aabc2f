import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../support/project.js'

/** What a process says that evaluates a field twice, after `before`, and what its standard error holds. */
function evaluate(before: string, environment: Record<string, string> = {}): { keeps: unknown; warnings: string[] } {
  const code = `
    const warnings = []
    console.warn = text => warnings.push(text)
    ${before}
    const { mlp, mlpShape } = await import(${JSON.stringify(join(ROOT, 'dist/src/index.js'))})
    const shape = mlpShape({ dimension: 2, hidden: [3], activation: 'tanh' })
    const fields = [mlp(shape), mlp(shape)]
    const dz = new Float64Array(2)
    for (const field of fields) field.evaluate(0, new Float64Array(2), dz)
    console.log(JSON.stringify({ keeps: fields[0].keeps ?? 0, warnings, zero: dz.every(x => x === 0) }))`
  const options = { encoding: 'utf8', env: { ...process.env, ...environment } } as const
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], options)
  const { zero, ...rest } = JSON.parse(output)
  expect(zero).toBe(true)
  return rest
}

describe('the kernels', () => {
  it('are there', () => {
    const { keeps, warnings } = evaluate('')
    expect(keeps).toBeGreaterThan(0)
    expect(warnings).toEqual([])
  })

  it('are switched off by the environment, without a word', () => {
    expect(evaluate('', { CONTRAFLOW_KERNEL: 'off' })).toEqual({ keeps: 0, warnings: [] })
  })

  it.each([
    ['no WebAssembly', 'delete globalThis.WebAssembly'],
    ['no shared memory', 'WebAssembly.Memory = class { constructor() { throw new TypeError("not shared") } }'],
    ['no SIMD', 'WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError("SIMD") } }'],
  ])('give way to plain TypeScript where there is %s, and that is said once', (_, before) => {
    const { keeps, warnings } = evaluate(before)
    expect(keeps).toBe(0)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('plain TypeScript instead of SIMD kernels')
  })
})
