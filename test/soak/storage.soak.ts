import { expect, it } from 'vitest'
import { cutLog } from '../support/storage/cut-log.js'
import { cutNewest, learned, turnCheckpointBits } from '../support/storage/damaged-checkpoint.js'
import { cut, damageGzip, turnBits, turnByte } from '../support/storage/damaged-gzip.js'
import { fillUnderOutput, fillUnderRecording } from '../support/storage/full-disk.js'

/** All of it is tried, so that nothing here is random; other tests have these with smaller counts. */
const BYTES = Number(process.env.BYTES ?? 4096)

it(`F40: a log of ${BYTES} bytes, cut at every one of them`, async () => {
  const { cuts, lines } = await cutLog(BYTES)
  console.log(`F40: ${cuts} cuts, ${lines} whole lines, all of them read; one more added each time, and read`)
})

it('F42: a gzip of four members, each bit of it turned, each byte, and cut at each byte', async () => {
  const { damaged, less } = await damageGzip([...turnBits, turnByte, cut])
  console.log(
    `F42: ${damaged} times damaged, ${less} times not all could be read, which was said each time; 0 wrong values`,
  )
})

it('F43: a disk that is full, whichever write is the first that fails, for one to forty of them', async () => {
  let tried = 0
  for (let count = 1; count <= 40; count++) tried += await fillUnderOutput(count)
  const recordings = await fillUnderRecording(30)
  console.log(
    `F43: ${tried} times full under an output file, ${recordings} times under a recording; 0 lines lost or torn`,
  )
})

it('F44: the newest checkpoint, cut at every byte', async () => {
  const cuts = await cutNewest(1)
  expect(cuts).toBe(learned.length)
  console.log(`F44: ${cuts} cuts of a checkpoint of ${learned.length} bytes, the one before it found each time`)
})

it('F47: every bit of a checkpoint, turned', () => {
  const turned = turnCheckpointBits(1)
  expect(turned).toBeGreaterThan(10_000)
  console.log(`F47: ${turned} bits turned, one at a time, ${turned} found out`)
})
