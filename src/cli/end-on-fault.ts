import { reportFault } from './failure.js'
import { stopRun } from './stop-signal.js'

/** Milliseconds that a run has after a fault to learn and to write what it holds. */
const PATIENCE = 30_000

/**
 * What is thrown where nobody catches it (in a timer, by a promise, by the last subscriber of an observable, of which RxJS tells in
 * a timer) is a fault of the program. The first one is said, without a stack, and ends the process with exit code 1: a run in good
 * order, as a signal does, or after `patience` if it does not come to its end any more; any other command at once.
 */
export function endOnFault(patience = PATIENCE): void {
  let known = false
  process.on('uncaughtException', error => {
    // What throws for one value throws for the next one, too.
    if (known) return
    known = true
    reportFault(error)
    process.exitCode = 1
    if (!stopRun()) process.exit()
    setTimeout(() => process.exit(), patience).unref()
  })
}
