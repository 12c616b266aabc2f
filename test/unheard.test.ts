import { Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { takeUnheard } from './support/unheard.js'

/** Subscribes to what goes on after its end. */
const lose = (what: 'value' | 'error' | 'completion') =>
  new Observable<number>(subscriber => {
    subscriber.complete()
    if (what === 'value') subscriber.next(1)
    else if (what === 'error') subscriber.error(new Error('lost'))
    else subscriber.complete()
  }).subscribe()

describe('a test in which something comes to a subscriber after its end', () => {
  it.fails('X19: fails when it is a value', () => void lose('value'))

  it.fails('X19: fails when it is an error', () => void lose('error'))

  it('X19: may say twice that all is over', () => void lose('completion'))

  it('X19: is told what it was, and where it was sent', async () => {
    lose('value')
    lose('error')
    const unheard = await takeUnheard()
    expect(unheard).toMatchObject([
      { kind: 'N', what: 1 },
      { kind: 'E', what: new Error('lost') },
    ])
    for (const { where } of unheard) expect(where).toContain('unheard.test.ts')
    expect(await takeUnheard()).toEqual([])
  })
})
