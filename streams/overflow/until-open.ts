import type { Valve } from './valve.js'

/** Resolves when the valve is open, or when the signal is aborted: nothing more is wanted then, and the source is to be closed. */
export function untilOpen(valve: Valve, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => {
    const done = () => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    valve.whenOpen(done)
  })
}
