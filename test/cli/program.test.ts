import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contraflow, ROOT, shell } from '../support/cli.js'

const COMMANDS = ['run', 'replay', 'record', 'simulate', 'evaluate', 'adjoint', 'check', 'inspect', 'verify']

describe('contraflow', () => {
  it('lists its commands and its exit codes', async () => {
    const { code, stdout, stderr } = await contraflow(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect(stdout).toContain('Exit codes: 0 ok, 1 failed, 2 usage or invalid file.')
  })

  it.each(COMMANDS)('explains %s', async command => {
    const { code, stdout, stderr } = await contraflow([command, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: contraflow ${command}`))
  })

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string }
    expect(await contraflow(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })

  it.each([
    ['no command', [], 'Usage: contraflow'],
    ['an unknown command', ['replya'], "unknown command 'replya'"],
    ['an unknown option', ['replay', 'x', '--spede', '2'], "unknown option '--spede'"],
    ['a missing argument', ['replay'], "missing required argument 'log'"],
    ['an argument too many', ['adjoint', 'a', 'b'], 'too many arguments'],
    ['a speed of nothing', ['replay', 'x', '--speed', '0'], 'Expected max or a positive number'],
    ['a count of no number', ['simulate', 'lorenz', '-n', 'many'], 'Expected a whole number of at least 1'],
    ['a negative seed', ['simulate', 'lorenz', '--seed', '-1'], 'Expected a whole number of at least 0'],
    ['an unknown system', ['simulate', 'weather'], 'Allowed choices are van-der-pol, lotka-volterra, pendulum'],
  ])('ends with 2 on %s, and shows where help is', async (_what, args, expected) => {
    const { code, stdout, stderr } = await contraflow(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(expected)
    expect(stderr).toContain('--help')
  })

  it.each([
    ['a channel that is not there', ['simulate', 'lorenz', '--hide', 'w'], 2, 'OPTION_INVALID: received hide: w'],
    ['a pipeline file that is not there', ['run', '-c', '/nowhere.yaml'], 2, 'CONFIG_UNREADABLE: /nowhere.yaml'],
    ['a problem that is not there', ['adjoint', '/nowhere.json'], 1, 'FILE_UNREADABLE: /nowhere.json'],
    ['a log that is not there', ['replay', '/nowhere.ndjson'], 1, 'FILE_UNREADABLE: /nowhere.ndjson'],
    ['a log to evaluate that is not there', ['evaluate', '/nowhere.ndjson'], 1, 'FILE_UNREADABLE: /nowhere.ndjson'],
  ])('says in one line, without a stack, that it found %s', async (_what, args, code, expected) => {
    const result = await contraflow(args)
    expect(result).toMatchObject({ code, stdout: '' })
    const [first, ...others] = result.stderr.trimEnd().split('\n')
    expect(first).toContain(expected)
    expect(others.join('\n')).toBe('')
  })

  it.each([
    ['simulate', 'simulate lorenz -n 3'],
    ['adjoint', 'adjoint test/reference/gradients/seed-linear-one-point.json'],
    ['check', 'check /dev/null'],
    ['evaluate', 'simulate lorenz -n 3 | contraflow evaluate -'],
  ])('fails with 1 when there is no space left for what %s prints', async (_command, args) => {
    const { code, stderr } = await shell(`contraflow ${args} > /dev/full`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^SINK_FAILED: standard output: received ENOSPC.*\n$/)
  })
})
