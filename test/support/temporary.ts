import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

/** A directory with these files; a name that ends in "/" is a directory. */
export function directoryWith(files: Record<string, string>): string {
  const cwd = temporaryDirectory()
  for (const [name, text] of Object.entries(files)) {
    if (name.endsWith('/')) mkdirSync(join(cwd, name))
    else writeFileSync(join(cwd, name), text)
  }
  return cwd
}
