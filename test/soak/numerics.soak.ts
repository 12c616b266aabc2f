import { expect, it } from 'vitest'
import { ADJOINT_NAMES } from '../../src/names.js'
import { closeObservations } from '../support/close-observations.js'

const COUNT = Number(process.env.COUNT ?? 10_000)
const SEED = Number(process.env.SEED ?? 64)

it(`F64: ${COUNT} windows of observations one unit in the last place to a billionth apart, for each adjoint`, () => {
  for (const adjoint of ADJOINT_NAMES) {
    const worst = closeObservations(adjoint, COUNT, SEED)
    expect(worst).toBeLessThanOrEqual(1e-8)
    console.log(
      `F64: seed ${SEED}, ${adjoint}: ${COUNT} windows, largest relative error of a gradient ${worst.toExponential(1)}`,
    )
  }
})
