import { readdirSync, readFileSync } from 'node:fs'

/** A file and what was rotated out of it, the oldest first. */
export function rotatedOutput(cwd: string, name: string): string {
  const age = (file: string) => Number(file.slice(name.length + 1) || 0)
  const files = readdirSync(cwd).filter(file => file === name || file.startsWith(`${name}.`))
  return files
    .sort((a, b) => age(b) - age(a))
    .map(file => readFileSync(`${cwd}/${file}`, 'utf8'))
    .join('')
}
