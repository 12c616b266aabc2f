import { expect, it } from 'vitest'
import type { Observation } from '../../../src/observation.js'
import { deadLetterOfObservation } from '../../../streams/pipeline/dead-letter-of-observation.js'

it.each<[string, Partial<Observation>, string]>([
  ['an observation', {}, 'key "a": received t=3 with y=[1,null]; '],
  ['a correction', { id: 'i7', revision: 'correct' }, 'received a correction of "i7", t=3 with y=[1,null]; '],
  [
    'a retraction, which has no values',
    { id: 'i7', revision: 'retract', y: new Float64Array() },
    'received a retraction of "i7", t=3; ',
  ],
])('F08: what is said of %s that is not learned names it', (_what, part, says) => {
  const letter = deadLetterOfObservation('OBSERVATION_UNKNOWN', {
    key: 'a',
    t: 3,
    y: Float64Array.of(1, Number.NaN),
    ...part,
  })
  expect(letter).toMatchObject({ code: 'OBSERVATION_UNKNOWN', place: 'key "a"' })
  expect(letter.message).toContain(says)
})
