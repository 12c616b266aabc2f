import { expect, it } from 'vitest'
import { cos, exp, log, power, sigmoid, silu, sin, softplus, tanh } from '../src/elementary.js'
import { fnv1a } from './support/fnv.js'

/** 1000 arguments made of exactly rounded operations, so that they are the same everywhere. */
const between = (low: number, high: number) => Array.from({ length: 1000 }, (_, i) => low + ((high - low) * i) / 999)

/** The bits of a thousand results. A change of one of them changes what a replay gives: it belongs into the CHANGELOG. */
it.each([
  ['exp', exp, between(-750, 715), '8da4c75728589cd8'],
  ['log', log, between(0, 1e3), 'b1b7081c622ba6ff'],
  ['tanh', tanh, between(-23, 22), 'fcfd2d9425bdb76e'],
  ['sigmoid', sigmoid, between(-40, 37), '66487d9e4209e54c'],
  ['softplus', softplus, between(-40, 37), 'cfbc901569b7a85d'],
  ['silu', silu, between(-40, 37), '809255dde1f81ec2'],
  ['sin', sin, between(-1e5, 1e5), 'e6e206623103bcc1'],
  ['cos', cos, between(-1e5, 1e5), 'eb1b75045db36e28'],
  ['power', (x: number) => power(x, 0.2), between(0, 10), '51e1a2f3f697dd40'],
])('%s gives the same bits on every machine and Node version', (_, f, inputs, golden) => {
  expect(fnv1a(inputs.map(f))).toBe(golden)
})

it('the square x ** 2 is the product x · x, bit for bit: the engine writes it so', () => {
  const square = (x: number, exponent: number) => x ** exponent
  for (const x of between(-1e5, 1e5)) expect(square(x, 2)).toBe(x * x)
})
