import { Observable } from 'rxjs'
import type { Clock } from './clock.js'

/** Emits every so many milliseconds, for as long as somebody listens. */
export function ticks(milliseconds: number, clock: Clock): Observable<void> {
  return new Observable(subscriber => {
    const stop = new AbortController()
    const run = async () => {
      while (!stop.signal.aborted) {
        await clock.sleep(milliseconds, stop.signal)
        if (!stop.signal.aborted) subscriber.next()
      }
    }
    run().catch(error => subscriber.error(error))
    return () => stop.abort()
  })
}
