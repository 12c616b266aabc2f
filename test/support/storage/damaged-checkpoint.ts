import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { decodeCheckpoint } from '../../../src/learn/checkpoint/decode-checkpoint.js'
import { encodeCheckpoint } from '../../../src/learn/checkpoint/encode-checkpoint.js'
import { CheckpointDirectory } from '../../../streams/checkpoint/checkpoint-directory.js'
import { ROOT } from '../project.js'
import { temporaryDirectory } from '../temporary.js'

/** The checkpoint of a learner in the midst of learning. */
export const learned = readFileSync(`${ROOT}test/reference/checkpoints/0.1.0.contraflow`)

/**
 * Turns one bit after the other of a checkpoint; each has to be found out.
 * @param stride Every so-manieth bit.
 * @returns How many were turned.
 */
export function turnCheckpointBits(stride: number): number {
  const file = Uint8Array.from(learned)
  let turned = 0
  for (let bit = 0; bit < 8 * file.length; bit += stride, turned++) {
    file[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => decodeCheckpoint(file, 'file'), `bit ${bit}`).toThrow(/CHECKPOINT_DAMAGED/)
    file[bit >> 3]! ^= 1 << (bit & 7)
  }
  return turned
}

/**
 * A directory whose newest checkpoint was cut, at one byte after the other: the one before it is found, and the damage told.
 * @param stride Every so-manieth byte.
 * @returns How many cuts.
 */
export async function cutNewest(stride: number): Promise<number> {
  const directory = `${temporaryDirectory()}/state`
  mkdirSync(directory)
  const old = encodeCheckpoint({ identity: null, summary: 'the one before', state: {} })
  writeFileSync(`${directory}/checkpoint-0000000001.contraflow`, old)
  const newest = `${directory}/checkpoint-0000000002.contraflow`
  writeFileSync(newest, '')
  const opened = await CheckpointDirectory.open({ directory })
  let cuts = 0
  for (let length = 0; length < learned.length; length += stride, cuts++) {
    writeFileSync(newest, learned.subarray(0, length))
    const told: string[] = []
    const found = await opened.newest(({ place, code }) => told.push(`${code} ${place}`))
    expect([length, found?.checkpoint.summary, told]).toEqual([
      length,
      'the one before',
      [`CHECKPOINT_DAMAGED ${newest}`],
    ])
  }
  await opened.close()
  rmSync(directory, { recursive: true })
  return cuts
}
