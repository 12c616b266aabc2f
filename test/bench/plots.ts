import { drawChart, type Point } from '../../src/cli/plot/chart.js'
import type { Figure } from './section.js'

/** A picture for every size that figures go along, by file name. */
export function plots(section: string, figures: readonly Figure[]): Map<string, string> {
  const pictures = new Map<string, string>()
  for (const [axis, members] of byAxis(figures)) {
    const names = [...new Set(members.map(({ curve }) => curve!.name))]
    const series = names.map(name => {
      const line = members
        .filter(({ curve }) => curve!.name === name)
        .map(({ curve, value }): Point => [curve!.x, value])
      return { name, line, dots: line }
    })
    const title = `${section}: ${members[0]!.unit} by ${axis}`
    pictures.set(
      `${section}-${axis.replaceAll(' ', '-')}.svg`,
      drawChart({ title, panels: [{ label: members[0]!.unit, series }] }),
    )
  }
  return pictures
}

function byAxis(figures: readonly Figure[]): Map<string, Figure[]> {
  const groups = new Map<string, Figure[]>()
  for (const figure of figures)
    if (figure.curve) groups.set(figure.curve.along, [...(groups.get(figure.curve.along) ?? []), figure])
  return groups
}
