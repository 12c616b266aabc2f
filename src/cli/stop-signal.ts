/** What ends a run in good order, and the exit code when it comes a second time. SIGHUP: the terminal was closed. */
const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

let stop: AbortController | undefined

/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP, so that the run can end in good order; the second one ends the process at once. Called
 * first thing by a command that runs for long: a signal that comes while it starts counts.
 */
export function stopSignal(): AbortSignal {
  if (stop) return stop.signal
  const controller = new AbortController()
  stop = controller
  for (const [name, code] of Object.entries(CODES)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(code)
      controller.abort()
    })
  }
  return controller.signal
}

/** Ends a run as the first signal does; one that comes after it ends the process at once. @returns Whether there is a run to end. */
export function stopRun(): boolean {
  stop?.abort()
  return stop !== undefined
}
