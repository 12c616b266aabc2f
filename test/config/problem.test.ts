import { describe, expect, it } from 'vitest'
import { parseProblem } from '../../src/config/problem.js'
import { ContraflowError } from '../../src/errors.js'

const LINEAR = {
  field: {
    kind: 'linear',
    matrix: [
      [-0.1, 2],
      [-2, -0.1],
    ],
  },
  t0: 0,
  z0: [2, 0],
  observations: [
    { t: 1.5, y: [0.5, null] },
    { t: 0, y: [1, 1], weight: 0 },
  ],
}
const layer = (outputs: number, inputs: number) => ({
  weights: Array.from({ length: outputs }, () => new Array<number>(inputs).fill(0.1)),
  bias: new Array<number>(outputs).fill(0),
  activation: 'tanh',
})
const MLP = { ...LINEAR, field: { kind: 'mlp', layers: [layer(4, 2), layer(3, 4), layer(2, 3)] } }

function failure(problem: unknown): ContraflowError {
  try {
    parseProblem(typeof problem === 'string' ? problem : JSON.stringify(problem), 'p.json')
  } catch (error) {
    expect(error).toBeInstanceOf(ContraflowError)
    return error as ContraflowError
  }
  throw new Error('This problem was accepted.')
}
const complaints = (problem: unknown) => failure(problem).message.split('\n  ').slice(1)

describe('parseProblem', () => {
  it.each([
    ['a linear field', LINEAR],
    ['a network', MLP],
    ['a network that sees the time', { ...MLP, field: { kind: 'mlp', layers: [layer(2, 3)], time: true } }],
    ['every option', { ...LINEAR, about: 'x', adjoint: 'discrete', solver: { method: 'rk4', step: 0.1, maxSteps: 9 } }],
  ])('takes %s as it is', (_what, problem) => {
    expect(parseProblem(JSON.stringify(problem), 'p.json')).toEqual(problem)
  })

  it('takes the problem out of a file that has the results beside it', () => {
    expect(parseProblem(JSON.stringify({ problem: LINEAR, reference: { loss: 1 } }), 'p.json')).toEqual(LINEAR)
  })

  const linear = (matrix: number[][]) => ({ ...LINEAR, field: { kind: 'linear', matrix } })
  const mlp = (...layers: object[]) => ({ ...LINEAR, field: { kind: 'mlp', layers } })
  it.each([
    [
      'a row too many',
      linear([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      'field.matrix: received 3 entries; expected 2',
    ],
    ['a row too short', linear([[1, 2], [3]]), 'field.matrix[1]: received 1 entries; expected 2'],
    ['a start too long', { ...MLP, z0: [1, 2, 3] }, 'z0: received 3 entries; expected 2'],
    ['the first layer', mlp(layer(2, 3)), 'field.layers[0].weights[0]: received 3 entries; expected 2'],
    ['a layer in between', mlp(layer(4, 2), layer(2, 5)), 'field.layers[1].weights[0]: received 5 entries; expected 4'],
    ['the last layer', mlp(layer(4, 2), layer(3, 4)), 'z0: received 2 entries; expected 3'],
    ['a bias', mlp({ ...layer(2, 2), bias: [0] }), 'field.layers[0].bias: received 1 entries; expected 2'],
    [
      'the missing input for the time',
      { ...LINEAR, field: { kind: 'mlp', layers: [layer(2, 2)], time: true } },
      'field.layers[0].weights[0]: received 2 entries; expected 3',
    ],
    [
      'an observation',
      {
        ...LINEAR,
        observations: [
          { t: 1, y: [1, 2] },
          { t: 2, y: [1] },
        ],
      },
      'observations[1].y: received 1 entries; expected 2',
    ],
    [
      'an observation before t0',
      {
        ...LINEAR,
        t0: 1,
        observations: [
          { t: 1, y: [1, 2] },
          { t: 0.5, y: [1, 2] },
        ],
      },
      'observations[1].t: received 0.5; expected at least t0 = 1',
    ],
  ])('finds a size that does not fit: %s', (_what, problem, expected) => {
    const error = failure(problem)
    expect(error.code).toBe('PROBLEM_INVALID')
    expect(error.place).toBe('p.json')
    expect(complaints(problem)).toContain(expected)
  })

  it('names every mismatch at once', () => {
    const problem = { ...linear([[1]]), observations: [{ t: -1, y: [1] }] }
    expect(complaints(problem)).toEqual([
      'field.matrix: received 1 entries; expected 2',
      'field.matrix[0]: received 1 entries; expected 2',
      'observations[0].y: received 1 entries; expected 2',
      'observations[0].t: received -1; expected at least t0 = 0',
    ])
  })

  it.each([
    ['an unknown field', { ...LINEAR, z: [1] }, 'z: received the unknown field "z"; expected "z0"'],
    [
      'an unknown field of a kind',
      { ...LINEAR, field: { ...LINEAR.field, layers: [] } },
      'expected one of kind, matrix',
    ],
    ['no observations', { ...LINEAR, observations: [] }, 'observations: received []; expected array to have >=1 items'],
    ['a text as number', { ...LINEAR, t0: '0' }, 't0: received "0"; expected number'],
    ['null as number', { ...LINEAR, z0: [null, 1] }, 'z0[0]: received null; expected number'],
    [
      'an unknown activation',
      mlp({ ...layer(2, 2), activation: 'gelu' }),
      'expected "relu", or another of "identity"|"tanh"',
    ],
    ['a negative weight', { ...LINEAR, observations: [{ t: 1, y: [1, 1], weight: -1 }] }, 'observations[0].weight'],
    [
      'another adjoint',
      { ...LINEAR, adjoint: 'guess' },
      'adjoint: received "guess"; expected one of "discrete"|"interpolating"|"backsolve"',
    ],
    ['a list', [1], 'document: received [1]; expected object'],
    ['nothing', null, 'document: received null; expected object'],
  ])('refuses %s', (_what, problem, expected) => {
    expect(complaints(problem).join('\n')).toContain(expected)
  })

  it.each(['', '{', '{"t0": 1e}', 'NaN'])('refuses what is no JSON: %j', text => {
    expect(failure(text)).toMatchObject({ code: 'PROBLEM_INVALID', place: 'p.json' })
  })

  it('refuses numbers that are not finite', () => {
    const text = JSON.stringify(LINEAR).replace('"t":1.5', '"t":1e999')
    expect(complaints(text)).toEqual(['observations[0].t: received Infinity; expected number'])
  })
})
