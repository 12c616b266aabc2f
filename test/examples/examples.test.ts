import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../src/estimate.js'
import { Child, ROOT } from '../support/cli.js'
import { TestClient } from '../support/sockets.js'
import { temporaryFile } from '../support/temporary.js'

/** A generous limit: a quarter of it is usual on one core. */
const LIMIT = 20_000

const start = (name: string, ...args: string[]) =>
  new Child(process.execPath, [`${ROOT}dist/examples/${name}.js`, ...args], { input: '' })

async function linesOf(name: string, ...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await start(name, ...args).finished
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\n')
}
/** All numbers in a line. */
const numbersIn = (line: string) => (line.match(/-?\d+(\.\d+)?(e[+-]?\d+)?/g) ?? []).map(Number)

describe('examples', () => {
  it('are all tested here', () => {
    const names = readdirSync(`${ROOT}examples`).filter(name => name.endsWith('.ts'))
    expect(names.sort()).toEqual([
      'bouncing-ball.ts',
      'custom-field.ts',
      'linear-adjoint.ts',
      'mapped-feed.ts',
      'office-room.ts',
      'tfjs-field.ts',
      'tfjs-odeint.ts',
      'van-der-pol.ts',
    ])
  })

  it(
    'linear-adjoint agrees with the matrix exponential and with finite differences',
    async () => {
      const lines = await linesOf('linear-adjoint')
      const [euler, tsit5] = lines.filter(line => line.includes('against the matrix exponential'))
      expect(numbersIn(tsit5!).at(-1)).toBeLessThan(1e-10)
      // Euler in steps of 0.01 is a first-order method, and it shows.
      expect(numbersIn(euler!).at(-1)).toBeGreaterThan(1e-3)
      const differences = lines.filter(line => line.includes('off finite differences by'))
      expect(differences).toHaveLength(2)
      for (const line of differences) expect(numbersIn(line).at(-1)).toBeLessThan(1e-7)
      // Behind the last observation the adjoint is zero, and there its value is the jump.
      const [first] = lines.slice(lines.findIndex(line => line.startsWith('Tsitouras')) + 2)
      const [, before0, before1, jump0, jump1, after0, after1] = numbersIn(first!)
      expect([before0, before1]).toEqual([0, 0])
      expect([after0, after1]).toEqual([jump0, jump1])
    },
    LIMIT,
  )

  it(
    'bouncing-ball bounces when it should, and learns gravity and restitution through its bounces',
    async () => {
      const lines = await linesOf('bouncing-ball')
      const off = lines.filter(line => line.includes('off its closed form')).map(line => numbersIn(line)[1]!)
      expect(off).toHaveLength(3)
      for (const error of off) expect(error).toBeLessThan(1e-12)
      for (const line of lines.filter(each => each.includes('by differences'))) {
        const [value, differences] = numbersIn(line)
        expect(Math.abs(value! / differences! - 1)).toBeLessThan(1e-5)
      }
      const [g, , e] = numbersIn(lines.find(line => line.startsWith('learned'))!)
      expect(Math.abs(g! - 9.81)).toBeLessThan(0.05)
      expect(Math.abs(e! - 0.8)).toBeLessThan(0.005)
    },
    LIMIT,
  )

  it(
    'custom-field finds the constant of the pendulum to 2 %',
    async () => {
      const rows = (await linesOf('custom-field')).slice(1, -1).map(numbersIn)
      expect(rows.map(([count]) => count)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
      expect(Math.abs(rows.at(-1)![1]! - 1)).toBeLessThan(0.02)
    },
    LIMIT,
  )

  it(
    'van-der-pol predicts almost as well as its noise allows',
    async () => {
      const lines = await linesOf('van-der-pol')
      const blocks = lines.filter(line => /^ *\d+-\d+ /.test(line))
      expect(blocks).toHaveLength(8)
      const [, , , ratio, persistence] = numbersIn(blocks.at(-1)!.replace('-', ' ')) as [0, 0, 0, number, number]
      expect(ratio).toBeLessThan(1.2)
      expect(ratio).toBeGreaterThan(0.9)
      expect(persistence).toBeGreaterThan(0.4)
      expect(lines.filter(line => /^\+\d\.0 s .* in \[/.test(line))).toHaveLength(4)
    },
    LIMIT,
  )

  it(
    'mapped-feed learns the wind from messages in the format of others',
    async () => {
      const lines = await linesOf('mapped-feed')
      expect(lines.slice(0, 2)).toEqual(['600 messages, 600 estimates', '1 more were ignored, as the mapping says'])
      const winds = lines.filter(line => line.includes('environment.wind'))
      expect(winds).toHaveLength(2)
      // Persistence is twice as wrong.
      for (const wind of winds) expect(numbersIn(wind)[2]).toBeLessThan(0.5)
    },
    LIMIT,
  )

  it(
    'tfjs-field learns a model of TensorFlow.js that is not fused, with a constant number of tensors',
    async () => {
      const [explanation, , ...rows] = (await linesOf('tfjs-field')).slice(0, -1)
      expect(explanation).toMatch(/^not fused: layer ".+" has the activation "elu"$/)
      const numbers = rows.map(numbersIn)
      expect(numbers.map(([count]) => count)).toEqual([100, 200, 300])
      expect(numbers.at(-1)![1]).toBeLessThan(0.75)
      expect(new Set(numbers.map(([, , tensors]) => tensors)).size).toBe(1)
    },
    LIMIT * 3,
  )

  it(
    'tfjs-odeint learns the spiral to a mean absolute error below 0.05, and draws it',
    async () => {
      const picture = temporaryFile('spiral.svg')
      const lines = await linesOf('tfjs-odeint', picture)
      const error = numbersIn(lines.find(line => line.startsWith('mean absolute error: '))!)[0]!
      expect(error).toBeLessThan(0.05)
      const svg = readFileSync(picture, 'utf8')
      expect(svg.match(/<polyline/g)).toHaveLength(3)
      expect(svg).toContain(`learned, error ${error.toFixed(3)}`)
    },
    LIMIT * 3,
  )

  // The whole week takes half a minute; `npm start` runs it.
  it(
    'office-room serves its log, learns from it, publishes its estimates, and ends in good order',
    async () => {
      const child = start('office-room')
      await child.says('stdout', /estimates on ws:\S+\n/)
      const client = await TestClient.connect(/estimates on (ws:\S+)/.exec(child.stdout)![1]!)
      await client.has(100)
      const [first] = client.texts.map(text => JSON.parse(text) as Estimate)
      expect(first!.observed).toHaveLength(4)
      expect(new Date(first!.t * 1000).getUTCFullYear()).toBe(2015)
      child.process.kill('SIGINT')
      const { code, stdout, stderr } = await child.finished
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/\n\d+ messages, \d+ estimates\nkey .*\n(default {2}\S+ .*\n){4}$/)
      expect(await client.closed).toBe(1001)
    },
    LIMIT,
  )
})
