import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'contraflow-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Path of a file, not there yet, that is gone after the test. */
export function temporaryFile(name = 'file.ndjson'): string {
  return join(temporaryDirectory(), name)
}
