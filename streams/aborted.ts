import { defer, fromEvent, NEVER, type Observable, of } from 'rxjs'

/** Emits when the signal is aborted, or was before it is subscribed to: things may be opened in between. */
export function aborted(signal: AbortSignal | undefined): Observable<unknown> {
  if (signal === undefined) return NEVER
  return defer(() => (signal.aborted ? of(null) : fromEvent(signal, 'abort')))
}
