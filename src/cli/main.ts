#!/usr/bin/env node
import { exitCodeOf, report } from './failure.js'
import { createProgram } from './program.js'

// Errors of standard output come to whoever writes there; without a listener they would end the process first.
process.stdout.on('error', () => {})
try {
  await createProgram().parseAsync()
} catch (error) {
  report(error)
  process.exitCode = exitCodeOf(error)
}
