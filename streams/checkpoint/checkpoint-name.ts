/** Names of checkpoint files. */
const NAME = /^checkpoint-(\d{10})\.contraflow$/

/** The name of the checkpoint with this number. */
export function checkpointName(number: number): string {
  return `checkpoint-${padded(number)}.contraflow`
}

/** Numbers of the checkpoints among these names, ascending. */
export function checkpointNumbers(names: readonly string[], pattern: RegExp = NAME): number[] {
  const numbers = names.map(name => pattern.exec(name)?.[1]).filter(number => number !== undefined)
  return numbers.map(Number).sort((a, b) => a - b)
}

/** A number as it stands in names: they sort as numbers do. */
export function padded(number: number): string {
  return String(number).padStart(10, '0')
}
