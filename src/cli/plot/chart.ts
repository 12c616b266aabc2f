import { niceTicks } from './ticks.js'

export type Point = readonly [x: number, y: number]

export interface Series {
  readonly name: string
  readonly line: readonly Point[]
  readonly dots: readonly Point[]
}

export interface Panel {
  readonly label: string
  readonly series: readonly Series[]
}

export interface Chart {
  readonly title: string
  /** One above the other, with the same x axis. */
  readonly panels: readonly Panel[]
}

/** Pixels. */
const WIDTH = 860
const PANEL = 240
const MARGIN = { left: 64, right: 90, top: 34, between: 44, bottom: 34 }
/** Told apart by people who see few colours: Okabe & Ito 2008. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000']

/** A picture of curves and dots, as SVG text. */
export function drawChart({ title, panels }: Chart): string {
  const height = MARGIN.top + panels.length * PANEL + (panels.length - 1) * MARGIN.between + MARGIN.bottom
  const points = panels.flatMap(panel => panel.series.flatMap(({ line, dots }) => [...line, ...dots]))
  const x = axis(
    points.map(point => point[0]),
    MARGIN.left,
    WIDTH - MARGIN.right,
  )
  const body = panels.map((panel, k) => drawPanel(panel, x, MARGIN.top + k * (PANEL + MARGIN.between)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${MARGIN.left}" y="14" fill="#555555">${escapeXml(title)}</text>`,
    ...body,
    ...x.ticks.map(
      tick => `<text x="${round(x.at(tick))}" y="${height - 12}" text-anchor="middle">${show(tick)}</text>`,
    ),
    '</svg>',
    '',
  ].join('\n')
}

function drawPanel({ label, series }: Panel, x: Axis, top: number): string {
  const values = series.flatMap(({ line, dots }) => [...line, ...dots].map(point => point[1]))
  const y = axis(values, top + PANEL, top + 18)
  const [left, right] = [MARGIN.left, WIDTH - MARGIN.right]
  const grid = [
    ...x.ticks.map(tick => line(x.at(tick), top + 18, x.at(tick), top + PANEL)),
    ...y.ticks.map(tick => line(left, y.at(tick), right, y.at(tick))),
  ]
  const marks = y.ticks.map(
    tick => `<text x="${left - 8}" y="${round(y.at(tick) + 4)}" text-anchor="end">${show(tick)}</text>`,
  )
  const curves = series.map((one, k) => drawSeries(one, x, y, COLOURS[k % COLOURS.length]!))
  const legend = series.map(
    ({ name }, k) =>
      `<text x="${right + 12}" y="${top + 30 + 18 * k}" fill="${COLOURS[k % COLOURS.length]}" font-weight="bold">${escapeXml(name)}</text>`,
  )
  return [
    `<text x="${left}" y="${top + 10}" font-weight="bold">${escapeXml(label)}</text>`,
    ...grid,
    ...marks,
    ...curves,
    ...legend,
  ].join('\n')
}

function drawSeries({ line, dots }: Series, x: Axis, y: Axis, colour: string): string {
  const points = line.map(([px, py]) => `${round(x.at(px))},${round(y.at(py))}`).join(' ')
  const circles = dots.map(
    ([px, py]) => `<circle cx="${round(x.at(px))}" cy="${round(y.at(py))}" r="3.5" fill="${colour}" stroke="#ffffff"/>`,
  )
  return [`<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.6"/>`, ...circles].join('\n')
}

interface Axis {
  readonly ticks: readonly number[]
  /** Pixel of a value. */
  at(value: number): number
}

function axis(values: readonly number[], from: number, to: number): Axis {
  let [low, high] = [Math.min(...values), Math.max(...values)]
  if (!(high > low)) [low, high] = [low - 1, high + 1]
  const pad = (high - low) * 0.03
  const ticks = niceTicks(low, high)
  return { ticks, at: value => from + ((value - (low - pad)) / (high - low + 2 * pad)) * (to - from) }
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="#e4e4e4"/>`
}

function round(pixel: number): number {
  return Math.round(pixel * 100) / 100
}

function show(value: number): string {
  return String(Number(value.toPrecision(6)))
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
