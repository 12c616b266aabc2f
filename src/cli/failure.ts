import { debuglog, inspect } from 'node:util'
import { CommanderError } from 'commander'
import { ContraflowError, type ErrorCode, errorMessage } from '../errors.js'
import { printable } from '../printable.js'

/** Errors of the user's files and options; everything else that goes wrong is a failure of the run. */
const USAGE: readonly ErrorCode[] = ['CONFIG_INVALID', 'CONFIG_UNREADABLE', 'PROBLEM_INVALID', 'OPTION_INVALID']

/** 0 ok, 1 failed, 2 usage or invalid file. */
export function exitCodeOf(error: unknown): number {
  if (isBrokenPipe(error)) return 0
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  return error instanceof ContraflowError && USAGE.includes(error.code) ? 2 : 1
}

/** Whoever read our output has seen enough, as `head` has: no failure of ours. */
function isBrokenPipe(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  return code === 'EPIPE' || (cause !== undefined && isBrokenPipe(cause))
}

/** One message on standard error, never a stack. Commander has already written its own. */
export function report(error: unknown): void {
  if (error instanceof CommanderError || isBrokenPipe(error)) return
  if (error instanceof ContraflowError) console.error(error.message)
  // The system said no: where in the program that was is of no use to anybody.
  else if (error instanceof Error && 'syscall' in error) console.error(`Error: ${printable(error.message)}`)
  else reportFault(error)
}

/** Where it was, for who wants to know: of use to nobody who only runs the program. */
const trace = debuglog('contraflow')

/** One message on standard error about what nobody has foreseen; its stack with NODE_DEBUG=contraflow in the environment. */
export function reportFault(error: unknown): void {
  trace(inspect(error))
  const received = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error)
  console.error(error instanceof ContraflowError ? error.message : errorMessage('PROGRAM_FAULT', { received }))
}
