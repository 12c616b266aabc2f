/** y(20) of the DETEST problems whose solution is a formula, whole states. FAULTS.md §3.2 lists the formulas. */

const T = 20
const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const total = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0)

/** ln(t² + y²)/2 + atan2(y, t) = ln 4 + π/2, by Newton's iteration. */
function a5(): number[] {
  let y = -0.8
  for (let n = 0; n < 20; n++) {
    const residual = Math.log(T * T + y * y) / 2 + Math.atan2(y, T) - Math.log(4) - Math.PI / 2
    y -= (residual * (T * T + y * y)) / (y + T)
  }
  return [y]
}

/** Eigenvalues 0, −1 and −3. */
function b2(): number[] {
  const [slow, fast] = [Math.exp(-T) / 2, Math.exp(-3 * T) / 2]
  return [1 + slow + fast, 1 - 2 * fast, 1 - slow + fast]
}

/**
 * y₂ = u'/u with u'' = e^−t u: Bessel functions I₀ and K₀ of 2e^(−t/2), as their series in s = e^−t. Euler's constant
 * multiplies I₀ and goes into its coefficient.
 */
function b3(): number[] {
  const series = (s: number) => {
    let [p, dp, r, dr, term, harmonic] = [1, 0, 0, 0, 1, 0]
    for (let k = 1; k < 30; k++) {
      dp += (k * term) / (k * k)
      harmonic += 1 / k
      dr += (k * term * harmonic) / (k * k)
      term *= s / (k * k)
      p += term
      r += term * harmonic
    }
    return { p, dp, r, dr }
  }
  const one = series(1)
  const [a, b] = [one.p / 2 - one.dr, one.dp]
  const s = Math.exp(-T)
  const { p, dp, r, dr } = series(s)
  const u = a * p + b * ((T / 2) * p + r)
  const du = -a * s * dp + b * (p / 2 - (T / 2) * s * dp - s * dr)
  return [s, du / u, 1 - s - du / u]
}

/** Jacobi's sn, cn and dn with m = 0.51, by the arithmetic-geometric mean (Abramowitz & Stegun 16.4). */
function b5(): number[] {
  const m = 0.51
  const [a, c] = [[1], [Math.sqrt(m)]]
  let b = Math.sqrt(1 - m)
  while (Math.abs(c.at(-1)!) > 1e-17) {
    const last = a.at(-1)!
    a.push((last + b) / 2)
    c.push((last - b) / 2)
    b = Math.sqrt(last * b)
  }
  let phi = 2 ** (a.length - 1) * a.at(-1)! * T
  for (let n = a.length - 1; n > 0; n--) phi = (phi + Math.asin((c[n]! / a[n]!) * Math.sin(phi))) / 2
  return [Math.sin(phi), Math.cos(phi), Math.sqrt(1 - m * Math.sin(phi) ** 2)]
}

function c1(): number[] {
  let term = Math.exp(-T)
  const poisson = range(9).map(i => (term *= i === 0 ? 1 : T / i))
  return [...poisson, 1 - total(poisson)]
}

function c2(): number[] {
  const e = Math.exp(-T)
  return [...range(9).map(i => e * (1 - e) ** i), (1 - e) ** 9]
}

/** In the sines that are the eigenvectors of tridiag(1, −2, 1). */
function heat(n: number): number[] {
  return range(n).map(i =>
    total(
      range(n).map(j => {
        const angle = ((j + 1) * Math.PI) / (n + 1)
        const decay = Math.exp(-4 * Math.sin(angle / 2) ** 2 * T)
        return (2 / (n + 1)) * Math.sin(angle) * Math.sin((i + 1) * angle) * decay
      }),
    ),
  )
}

/** Kepler's equation E − e sin E = t, by Newton's iteration from π, which converges for every e < 1. */
function orbit(e: number): number[] {
  const mean = T % (2 * Math.PI)
  let angle = Math.PI
  for (let n = 0; n < 50; n++) angle -= (angle - e * Math.sin(angle) - mean) / (1 - e * Math.cos(angle))
  const [cosine, sine, minor] = [Math.cos(angle), Math.sin(angle), Math.sqrt(1 - e * e)]
  const rate = 1 / (1 - e * cosine)
  return [cosine - e, minor * sine, -sine * rate, minor * cosine * rate]
}

/** J₁/₂(t + 1) and its slope. */
function e1(): number[] {
  const x = T + 1
  const size = Math.sqrt(2 / (Math.PI * x))
  return [size * Math.sin(x), size * (Math.cos(x) - Math.sin(x) / (2 * x))]
}

function e4(): number[] {
  const k = Math.sqrt(0.0128)
  return [30 + Math.log(Math.cosh(k * T)) / 0.4, (k * Math.tanh(k * T)) / 0.4]
}

function e5(): number[] {
  const left = 25 - T
  return [-12.5 * Math.log(left / 25) - (625 - left * left) / 100, 12.5 / left - left / 50]
}

export const closedForms: Readonly<Record<string, readonly number[]>> = {
  A1: [Math.exp(-T)],
  A2: [1 / Math.sqrt(T + 1)],
  A3: [Math.exp(Math.sin(T))],
  A4: [20 / (1 + 19 * Math.exp(-T / 4))],
  A5: a5(),
  B2: b2(),
  B3: b3(),
  B5: b5(),
  C1: c1(),
  C2: c2(),
  C3: heat(10),
  C4: heat(51),
  D1: orbit(0.1),
  D2: orbit(0.3),
  D3: orbit(0.5),
  D4: orbit(0.7),
  D5: orbit(0.9),
  E1: e1(),
  E4: e4(),
  E5: e5(),
}
