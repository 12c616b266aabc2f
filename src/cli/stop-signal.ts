/** Aborts at the first SIGINT or SIGTERM, so that the run can end in good order; the second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const codes = { SIGINT: 130, SIGTERM: 143 }
  for (const [name, code] of Object.entries(codes)) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(code)
      stop.abort()
    })
  }
  return stop.signal
}
