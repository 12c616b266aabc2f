import { describe, expect, it } from 'vitest'
import { simulate } from '../../streams/simulate/simulate.js'
import { contraflow, shell } from '../support/cli.js'

describe('contraflow simulate', () => {
  it('prints the observations of the library, one a line', async () => {
    const { code, stdout, stderr } = await contraflow(['simulate', 'pendulum'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe([...simulate({ system: 'pendulum' })].map(line => `${line}\n`).join(''))
  })

  it('takes every option', async () => {
    const args = ['--count', '20', '--seed', '0', '--gap', '0.5', '--noise', '0', '--missing', '0.2', '--key', 'k']
    const { stdout } = await contraflow(['simulate', 'lorenz', ...args, '--hide', 'x', 'z'])
    const options = { system: 'lorenz', count: 20, seed: 0, gap: 0.5, noise: 0, missing: 0.2, key: 'k' } as const
    expect(stdout).toBe([...simulate({ ...options, hide: ['x', 'z'] })].map(line => `${line}\n`).join(''))
  })

  it('ends quietly when its reader has seen enough', async () => {
    const [first] = simulate({ system: 'lorenz' })
    const line = '{ contraflow simulate lorenz -n 1000000; echo "exit $?" >&2; } | head -1'
    expect(await shell(line)).toEqual({ code: 0, signal: null, stdout: `${first}\n`, stderr: 'exit 0\n' })
  })
})
