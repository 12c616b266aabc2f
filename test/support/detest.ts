import { readFileSync } from 'node:fs'
import { cos, sin } from '../../src/elementary.js'
import { closure } from '../../src/field/closure.js'
import type { VectorField } from '../../src/field/vector-field.js'

/** One of the thirty non-stiff problems of DETEST, t from 0 to 20. Definitions: Enright & Pryce 1987, ACM Algorithm 648. */
export interface DetestProblem {
  readonly name: string
  readonly field: VectorField
  readonly start: readonly number[]
  /** y(20), from reference/detest.json. */
  readonly end: readonly number[]
  /** Times at which the field jumps. */
  readonly discontinuities: readonly number[]
}

type Equations = VectorField['evaluate']
type Entry = readonly [start: readonly number[], evaluate: Equations, discontinuities?: readonly number[]]

const integers = Array.from({ length: 19 }, (_, i) => i + 1)
const unit = (n: number) => Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0))
const cubed = (x: number) => x * x * x

const A: Record<string, Entry> = {
  A1: [[1], (_t, y, f) => f.set([-y[0]!])],
  A2: [[1], (_t, y, f) => f.set([-cubed(y[0]!) / 2])],
  A3: [[1], (t, y, f) => f.set([y[0]! * cos(t)])],
  A4: [[1], (_t, y, f) => f.set([(y[0]! / 4) * (1 - y[0]! / 20)])],
  A5: [[4], (t, y, f) => f.set([(y[0]! - t) / (y[0]! + t)])],
}

const B: Record<string, Entry> = {
  B1: [[1, 3], (_t, [a, b], f) => f.set([2 * (a! - a! * b!), -(b! - a! * b!)])],
  B2: [[2, 0, 1], (_t, [a, b, c], f) => f.set([-a! + b!, a! - 2 * b! + c!, b! - c!])],
  B3: [[1, 0, 0], (_t, [a, b], f) => f.set([-a!, a! - b! * b!, b! * b!])],
  B4: [
    [3, 0, 0],
    (_t, [a, b, c], f) => {
      const r = Math.sqrt(a! * a! + b! * b!)
      f.set([-b! - (a! * c!) / r, a! - (b! * c!) / r, a! / r])
    },
  ],
  B5: [[0, 1, 1], (_t, [a, b, c], f) => f.set([b! * c!, -a! * c!, -0.51 * a! * b!])],
}

/** A decay chain with rates that depend on the place. */
const chain =
  (rate: (i: number) => number): Equations =>
  (_t, y, f) => {
    for (let i = 0; i < 10; i++) f[i] = (i > 0 ? rate(i - 1) * y[i - 1]! : 0) - (i < 9 ? rate(i) * y[i]! : 0)
  }
/** The heat equation on a line of n points. */
const heat: Equations = (_t, y, f) => {
  for (let i = 0; i < y.length; i++) f[i] = (y[i - 1] ?? 0) - 2 * y[i]! + (y[i + 1] ?? 0)
}

const MASSES = [0.000954786104043, 0.000285583733151, 0.0000437273164546, 0.0000517759138449, 0.00000277777777778]
const [GRAVITY, SUN] = [2.95912208286, 1.00000597682]
/** The five outer planets about the sun: positions body by body, then velocities. */
const planets: Equations = (_t, y, f) => {
  const at = (body: number, axis: number) => y[3 * body + axis]!
  const inverseCube = (d: readonly number[]) => cubed(1 / Math.sqrt(d.reduce((sum, x) => sum + x * x, 0)))
  const axes = [0, 1, 2]
  const toSun = MASSES.map((_, j) => inverseCube(axes.map(i => at(j, i))))
  MASSES.forEach((mass, j) => {
    for (const i of axes) {
      let force = -(SUN + mass) * at(j, i) * toSun[j]!
      MASSES.forEach((other, k) => {
        if (k === j) return
        const near = inverseCube(axes.map(axis => at(k, axis) - at(j, axis)))
        force += other * ((at(k, i) - at(j, i)) * near - at(k, i) * toSun[k]!)
      })
      f[3 * j + i] = y[15 + 3 * j + i]!
      f[15 + 3 * j + i] = GRAVITY * force
    }
  })
}
const PLANETS = [
  3.42947415189, 3.35386959711, 1.35494901715, 6.6414554255, 5.97156957878, 2.18231499728, 11.2630437207, 14.6952576794,
  6.27960525067, -30.1552268759, 1.65699966404, 1.43785752721, -21.123835338, 28.4465098142, 15.3882659679,
  -0.557160570446, 0.505696783289, 0.230578543901, -0.415570776342, 0.365682722812, 0.169143213293, -0.325325669158,
  0.189706021964, 0.087726532278, -0.024047625417, -0.287659532608, -0.117219543175, -0.176860753121, -0.216393453025,
  -0.014864789309,
]

const C: Record<string, Entry> = {
  C1: [unit(10), chain(() => 1)],
  C2: [unit(10), chain(i => i + 1)],
  C3: [unit(10), heat],
  C4: [unit(51), heat],
  C5: [PLANETS, planets],
}

const orbit: Equations = (_t, [x, y, vx, vy], f) => {
  const r3 = cubed(Math.sqrt(x! * x! + y! * y!))
  f.set([vx!, vy!, -x! / r3, -y! / r3])
}
const D = Object.fromEntries(
  [0.1, 0.3, 0.5, 0.7, 0.9].map((e, i): [string, Entry] => [
    `D${i + 1}`,
    [[1 - e, 0, 0, Math.sqrt((1 + e) / (1 - e))], orbit],
  ]),
)

const E: Record<string, Entry> = {
  E1: [
    [0.671396707141803, 0.09540051444747447],
    (t, [a, b], f) => f.set([b!, -(b! / (t + 1) + (1 - 0.25 / (t + 1) ** 2) * a!)]),
  ],
  E2: [[2, 0], (_t, [a, b], f) => f.set([b!, (1 - a! * a!) * b! - a!])],
  E3: [[0, 0], (t, [a, b], f) => f.set([b!, cubed(a!) / 6 - a! + 2 * sin(2.78535 * t)])],
  E4: [[30, 0], (_t, [, b], f) => f.set([b!, 0.032 - 0.4 * b! * b!])],
  E5: [[0, 0], (t, [, b], f) => f.set([b!, Math.sqrt(1 + b! * b!) / (25 - t)])],
}

/** c of F5. */
const WEIGHT = integers.reduce((sum, i) => sum + i ** (4 / 3), 0)
const even = (t: number) => Math.floor(t) % 2 === 0

const F: Record<string, Entry> = {
  F1: [[0, 0], (t, [a, b], f) => f.set([b!, 0.2 * b! - (Math.PI ** 2 + 0.01) * a! + (even(t) ? 1 : -1)]), integers],
  F2: [[110], (t, y, f) => f.set([55 - (even(t) ? 1.5 : 0.5) * y[0]!]), integers],
  F3: [[0, 0], (t, [a, b], f) => f.set([b!, 0.01 * b! * (1 - a! * a!) - a! - Math.abs(sin(Math.PI * t))]), integers],
  F4: [
    [1],
    (t, y, f) => f.set([t <= 10 ? -2 / 21 - (120 * (t - 5)) / (1 + 4 * (t - 5) ** 2) ** 16 : -2 * y[0]!]),
    [10],
  ],
  F5: [
    [1],
    (t, y, f) => {
      const slope = integers.reduce((sum, i) => sum + Math.sign(t - i) * Math.cbrt(Math.abs(t - i)), 0)
      f.set([((4 / 3) * slope * y[0]!) / WEIGHT])
    },
    integers,
  ],
}

const { y20 } = JSON.parse(readFileSync(new URL('../reference/detest.json', import.meta.url), 'utf8')) as {
  y20: Record<string, string[]>
}

export const detest: readonly DetestProblem[] = Object.entries({ ...A, ...B, ...C, ...D, ...E, ...F }).map(
  ([name, [start, evaluate, discontinuities = []]]) => ({
    name,
    field: closure({ dimension: start.length, evaluate }),
    start,
    end: y20[name]!.map(Number),
    discontinuities,
  }),
)
