import { expect, it } from 'vitest'
import { gru, gruLength } from '../../../src/adjoint/update/gru.js'
import { Random } from '../../../src/random.js'
import { array } from '../../support/arrays.js'
import { refusesOtherLengths, updateConformance } from './conformance.js'

const create = (random: Random) =>
  gru(
    4,
    2,
    array(gruLength(4, 2), () => random.normal() / 2),
  )

updateConformance('gru', create, { linear: false })

it('keeps a state between itself and a candidate within ±1', () => {
  const random = new Random(3)
  const update = create(random)
  for (let n = 0; n < 100; n++) {
    const z = array(4, () => 3 * random.normal())
    const y = array(2, () => 3 * random.normal())
    const zPlus = new Float64Array(4)
    update.apply(z, y, zPlus)
    zPlus.forEach((value, i) => {
      expect(Math.abs(value)).toBeLessThanOrEqual(Math.max(1, Math.abs(z[i]!)))
    })
  }
})

it('sees a missing channel as such: no error, and a mask of zero', () => {
  const update = create(new Random(4))
  const z = Float64Array.of(0.1, 0.2, 0.3, 0.4)
  const [measured, missing] = [new Float64Array(4), new Float64Array(4)]
  update.apply(z, Float64Array.of(0.5, z[1]!), measured)
  update.apply(z, Float64Array.of(0.5, Number.NaN), missing)
  expect(missing.every(Number.isFinite)).toBe(true)
  expect(Array.from(missing)).not.toEqual(Array.from(measured))
})

refusesOtherLengths(() => gru(3, 2))
