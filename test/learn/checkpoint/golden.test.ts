import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Plain } from '../../../src/learn/checkpoint/checkpoint.js'
import { decodeCheckpoint } from '../../../src/learn/checkpoint/decode-checkpoint.js'
import { differences } from '../../../src/learn/checkpoint/differences.js'
import { encodeCheckpoint } from '../../../src/learn/checkpoint/encode-checkpoint.js'
import { learnerIdentity } from '../../../src/learn/checkpoint/learner-identity.js'
import { Learner } from '../../../src/learn/learner.js'
import { Section } from '../../../src/section.js'
import { ROOT } from '../../support/project.js'
import { run, simulated } from '../../support/streams.js'

/** One file for each released version; what a version has written stays readable. */
const VERSIONS = ['0.1.0']
const OPTIONS = { window: 4, warmup: 8, model: { augment: 1, dynamics: { hidden: [3] } } }
const stream = simulated({ system: 'van-der-pol', count: 60, missing: 0.1 })

it('F45: there is one for the version that this is', () => {
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string }
  expect(VERSIONS).toContain(version)
})

it.each(VERSIONS)('F45: goes on from the checkpoint that version %s has written', version => {
  const path = `${ROOT}test/reference/checkpoints/${version}.contraflow`
  if (process.env.WRITE_GOLDEN === version && !existsSync(path)) {
    const learner = new Learner(OPTIONS)
    run(learner, stream.slice(0, 40))
    writeFileSync(
      path,
      encodeCheckpoint({ identity: learnerIdentity(OPTIONS), summary: { version }, state: learner.save() }),
    )
  }
  const { identity, summary, state } = decodeCheckpoint(readFileSync(path), path)
  expect(summary).toEqual({ version })
  expect(differences(identity as Plain, learnerIdentity(OPTIONS), learnerIdentity())).toEqual([])
  const learner = new Learner(OPTIONS)
  learner.restore(new Section(state))
  const expected = new Learner(OPTIONS)
  run(expected, stream.slice(0, 40))
  // Versions may differ in the last bits of what they learn, not in what they know.
  const [found, wanted] = [learner, expected].map(each => run(each, stream.slice(40)))
  found!.forEach(({ predicted, update }, i) => {
    expect(update.count).toBe(wanted![i]!.update.count)
    predicted.forEach((value, j) => {
      expect(value).toBeCloseTo(wanted![i]!.predicted[j]!, 6)
    })
  })
})
