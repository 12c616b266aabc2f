import { deferNetwork, evaluateNetwork, gatherPlaces, Network, pullNetwork } from './network'

/** An explicit Runge–Kutta method, written by src/kernel/step-tableau.ts in this order. */
@unmanaged
export class Tableau {
  stages: i32
  /** Bit s: stage s reaches the result. */
  active: i32
  /** a [stages × stages], b and c [stages], float64. */
  a: usize
  b: usize
  c: usize
  /** Room for the adjoints of the stages, `stride` apart. */
  adjoints: usize
  stride: usize
}

/** A step: where its arrays lie, and the steps before and behind it, or 0; written by src/kernel/network.ts in this order. */
@unmanaged
export class StepRecord {
  t: f64
  h: f64
  /** When stages at the end of the step are evaluated. */
  end: f64
  /** Y_s, k_s, and what evaluations leave, one after the other. */
  states: usize
  slopes: usize
  kept: usize
  previous: usize
  next: usize
}

/** Arrays of an arena begin at cache lines: from Y_s to Y_(s+1), and from k_s to k_(s+1). */
// @ts-ignore: decorator
@inline
export function strideOf(bytes: i32): usize {
  return <usize>((bytes + 63) & ~63)
}

// @ts-ignore: decorator
@inline
function stageTime(tableau: Tableau, s: i32, record: StepRecord): f64 {
  const c = load<f64>(tableau.c + (<usize>s << 3))
  return c == 1 ? record.end : record.t + c * record.h
}

/** out = z + h Σ_{j<count} weights[j] · slopes[j], in the order of src/ode/schemes/combine.ts; whole vectors, what lies behind d is not used. */
function combine(z: usize, h: f64, weights: usize, count: i32, slopes: usize, stride: usize, out: usize, d: i32): void {
  const scale = f64x2.splat(h)
  const end = <usize>d << 3
  for (let at: usize = 0; at < end; at += 16) {
    let sum = f64x2.splat(0)
    let slope = slopes + at
    for (let j = 0; j < count; j++, slope += stride) {
      const weight = load<f64>(weights + (<usize>j << 3))
      if (weight != 0) sum = f64x2.add(sum, f64x2.mul(f64x2.splat(weight), v128.load(slope)))
    }
    v128.store(out + at, f64x2.add(v128.load(z + at), f64x2.mul(scale, sum)))
  }
}

/**
 * Evaluates the stages from `first` on (Y_0 is there) and writes the state at the end of the step, weighed by b, to `out`.
 */
export function attemptStep<T>(network: Network, tableau: Tableau, record: StepRecord, first: i32, out: usize): void {
  const h = record.h
  const states = record.states, slopes = record.slopes
  let kept = record.kept
  const d = network.dimension
  const count = tableau.stages
  const stride = strideOf(d << 3)
  const keptStride = strideOf(network.keptBytes)
  if (first == 0) evaluateNetwork<T>(network, stageTime(tableau, 0, record), states, slopes, kept)
  let row = tableau.a
  let state = states
  let slope = slopes
  for (let s = 1; s < count; s++) {
    row += <usize>count << 3
    state += stride
    slope += stride
    kept += keptStride
    combine(states, h, row, s, slopes, stride, state, d)
    evaluateNetwork<T>(network, stageTime(tableau, s, record), state, slope, kept)
  }
  combine(states, h, tableau.b, count, slopes, stride, out, d)
}

/**
 * Pulls λ(t + h) back through the stages down to `last`. At 1, λ becomes that at the start but for the first stage, whose κ is written
 * to `kappa`; at 0, λ is complete. The order of the sums is that of src/adjoint/stage-adjoint.ts.
 */
export function pullStep<T>(network: Network, tableau: Tableau, record: StepRecord, last: i32, lambda: usize, kappa: usize): void {
  const h = record.h
  const states = record.states, kept = record.kept
  const d = network.dimension
  const count = tableau.stages
  // `memory.fill` would be a call out of WebAssembly.
  const behind = tableau.adjoints + <usize>count * tableau.stride
  for (let at = tableau.adjoints; at < behind; at += 16) v128.store(at, f64x2.splat(0))
  const stride = strideOf(d << 3)
  const keptStride = strideOf(network.keptBytes)
  // Four at a time, the rest one by one: their gradients wait at the places of the network.
  let left = pulledStages(tableau)
  let waiting = 0
  let k0: usize = 0, k1: usize = 0, k2: usize = 0
  for (let s = count - 1; s > 0; s--) {
    if (!(tableau.active & (1 << s))) continue
    cotangent(tableau, s, h, lambda, kappa, d)
    const state = states + <usize>s * stride
    const mu = tableau.adjoints + <usize>s * tableau.stride
    const at = stageTime(tableau, s, record)
    const own = kept + <usize>s * keptStride
    if (left + waiting < 4) {
      pullNetwork<T>(network, at, state, kappa, mu, own)
    } else {
      deferNetwork<T>(network, at, state, kappa, mu, own, network.places + <usize>(waiting * network.placeBytes))
      if (waiting == 3) gatherPlaces<T>(network, k0, k1, k2, own)
      k0 = waiting == 0 ? own : k0
      k1 = waiting == 1 ? own : k1
      k2 = waiting == 2 ? own : k2
      waiting = (waiting + 1) & 3
    }
    left--
  }
  cotangent(tableau, 0, h, lambda, kappa, d)
  const first = tableau.adjoints + tableau.stride
  for (let at: usize = 0; at < <usize>d << 3; at += 16) {
    let sum = v128.load(lambda + at)
    for (let mu = behind - tableau.stride + at; mu >= first; mu -= tableau.stride) sum = f64x2.add(sum, v128.load(mu))
    v128.store(lambda + at, sum)
  }
  if (last == 0) pullNetwork<T>(network, stageTime(tableau, 0, record), states, kappa, lambda, kept)
}

/** λ at the end of a step pulled back to the start of the one `count` − 1 steps before it. */
export function pullSteps<T>(network: Network, tableau: Tableau, record: StepRecord, count: i32, lambda: usize, kappa: usize): void {
  for (; count > 0; count--) {
    pullStep<T>(network, tableau, record, 0, lambda, kappa)
    record = changetype<StepRecord>(record.previous)
  }
}

/** Stages that reach the result, the first not counted. */
function pulledStages(tableau: Tableau): i32 {
  return popcnt<i32>(tableau.active >> 1)
}

/** κ_s = h [b_s λ + Σ_{j>s} a_js μ_j]. */
function cotangent(tableau: Tableau, s: i32, h: f64, lambda: usize, kappa: usize, d: i32): void {
  const count = tableau.stages
  const stride = tableau.stride
  const row = <usize>count << 3
  const weight = v128.load64_splat(tableau.b + (<usize>s << 3))
  const scale = f64x2.splat(h)
  const column = tableau.a + (<usize>s << 3)
  const first = column + <usize>(s + 1) * row, behind = column + <usize>count * row
  const adjoint = tableau.adjoints + <usize>(s + 1) * stride
  const end = <usize>d << 3
  let at: usize = 0
  for (; at + 32 <= end; at += 32) {
    let sum = f64x2.mul(weight, v128.load(lambda + at)), sum1 = f64x2.mul(weight, v128.load(lambda + at, 16))
    for (let a = first, mu = adjoint + at; a < behind; a += row, mu += stride) {
      const factor = v128.load64_splat(a)
      sum = f64x2.add(sum, f64x2.mul(factor, v128.load(mu)))
      sum1 = f64x2.add(sum1, f64x2.mul(factor, v128.load(mu, 16)))
    }
    v128.store(kappa + at, f64x2.mul(scale, sum))
    v128.store(kappa + at, f64x2.mul(scale, sum1), 16)
  }
  for (; at < end; at += 16) {
    let sum = f64x2.mul(weight, v128.load(lambda + at))
    for (let a = first, mu = adjoint + at; a < behind; a += row, mu += stride)
      sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(a), v128.load(mu)))
    v128.store(kappa + at, f64x2.mul(scale, sum))
  }
}
