#!/usr/bin/env node
import { ContraflowError } from '../errors.js'
import { endOnFault } from './end-on-fault.js'
import { exitCodeOf, report } from './failure.js'
import { createProgram } from './program.js'

endOnFault()
let broken: Error | undefined
// Errors of standard output come to whoever writes there; without a listener they would end the process first.
process.stdout.on('error', error => {
  broken = error
})
// What is said to people who are gone, or to a log that nobody collects any more, is no reason to end.
process.stderr.on('error', () => {})
try {
  await createProgram().parseAsync()
  // Who only prints hears nothing of it, and the error comes a moment later.
  await new Promise(resolve => setImmediate(resolve))
  if (broken) throw broken
} catch (error) {
  const failure = error === broken ? outputFailed(error as Error) : error
  report(failure)
  process.exitCode ||= exitCodeOf(failure)
}

function outputFailed(cause: Error): ContraflowError {
  return new ContraflowError('SINK_FAILED', { received: cause.message, place: 'standard output' }, { cause })
}
