import type { AdjointProblem, AdjointSolution, PathLoss } from '../../adjoint/solve-adjoint.js'
import type { Problem } from '../../config/problem.js'
import { isMeasured } from '../../observation.js'
import { poseProblem, solved } from '../solve-problem.js'
import { drawChart, type Point, type Series } from './chart.js'

/** Times between the observations at which the curves are drawn. */
const GRID = 400

/** z(t) with the observations, and below it a(t) with its jumps, as an SVG picture. */
export function plotProblem(problem: Problem): string {
  const { posed } = poseProblem(problem)
  const { loss, evaluations, drift } = solved(posed)
  const dense = withGrid(posed)
  const solution = solved(dense)
  const check = drift === null ? '' : `; a·f constant between jumps to ${drift.toExponential(1)}`
  const dimension = problem.z0.length
  const components = Array.from({ length: dimension }, (_, c) => c)
  return drawChart({
    title: `loss ${loss.toPrecision(6)}; ${evaluations.forward} evaluations forward, ${evaluations.backward} backward${check}`,
    panels: [
      {
        label: 'z(t), observations as dots',
        series: components.map(c => stateSeries(posed, dense, solution, c)),
      },
      {
        label: 'a(t) = ∂L/∂z(t): zero behind the last observation, a jump at each',
        series: components.map(c => adjointSeries(solution, c)),
      },
    ],
  })
}

/** The same problem with observations of nothing on a grid: they change nothing, and show what is between the others. */
function withGrid(posed: AdjointProblem): AdjointProblem {
  const { path, loss } = posed
  const end = path.time(path.length - 1)
  const grid = Array.from({ length: GRID + 1 }, (_, k) => path.startTime + (k / GRID) * (end - path.startTime))
  const own = Array.from({ length: path.length }, (_, index) => ({ t: path.time(index), index }))
  const all = [...own, ...grid.map(t => ({ t, index: -1 }))].sort((a, b) => a.t - b.t)
  const nothing = new Float64Array(path.observed(0).length).fill(Number.NaN)
  const denseLoss: PathLoss = {
    value: (at, z) => (all[at]!.index < 0 ? 0 : loss.value(all[at]!.index, z)),
    inject(at, z, a) {
      if (all[at]!.index >= 0) loss.inject(all[at]!.index, z, a)
    },
  }
  return {
    ...posed,
    path: {
      startTime: path.startTime,
      startState: path.startState,
      length: all.length,
      time: at => all[at]!.t,
      observed: at => (all[at]!.index < 0 ? nothing : path.observed(all[at]!.index)),
    },
    loss: denseLoss,
  }
}

function stateSeries({ path }: AdjointProblem, dense: AdjointProblem, { states }: AdjointSolution, c: number): Series {
  const line = states.map((z, at): Point => [dense.path.time(at), z[c]!])
  const dots: Point[] = []
  for (let index = 0; index < path.length; index++) {
    const y = path.observed(index)[c]!
    if (isMeasured(y)) dots.push([path.time(index), y])
  }
  return { name: `z${c}`, line: [[path.startTime, path.startState[c]!], ...line], dots }
}

/** Forward in time; at a jump the curve goes straight up or down. */
function adjointSeries({ jumps }: AdjointSolution, c: number): Series {
  const line = [...jumps].reverse().flatMap(({ t, before, after }): Point[] => [
    [t, after[c]!],
    [t, before[c]!],
  ])
  return { name: `a${c}`, line, dots: [] }
}
