import { type Figure, met } from './section.js'

/** Figures as lines of a table: name, value, unit, bar, and whether it is cleared. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(figure => [figure.name, digits(figure.value), figure.unit, bar(figure), figure.note ?? ''])
  const widths = [0, 1, 2, 3].map(k => Math.max(...rows.map(row => row[k]!.length)))
  return rows
    .map(([name, value, unit, ...rest]) => {
      const left = `  ${name!.padEnd(widths[0]!)}  ${value!.padStart(widths[1]!)} ${unit!.padEnd(widths[2]!)}`
      return `${left}  ${rest[0]!.padEnd(widths[3]!)}  ${rest[1]}`.trimEnd()
    })
    .join('\n')
}

function bar(figure: Figure): string {
  const { atLeast, atMost } = figure
  const limits = [
    atLeast === undefined ? '' : `≥ ${digits(atLeast)}`,
    atMost === undefined ? '' : `≤ ${digits(atMost)}`,
  ]
  const cleared = met(figure)
  return cleared === undefined ? '' : `${cleared ? '✓' : '✗'} ${limits.filter(Boolean).join(', ')}`
}

function digits(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
