import { exp, log } from './elementary'
import { Network } from './network'
import { attemptStep, StepRecord, strideOf, Tableau } from './step'

/** How steps are judged and followed, and how far they have come: written by src/kernel/stepper.ts in this order. */
@unmanaged
export class Stepper {
  rtol: f64
  atol: f64
  /** Of src/ode/steps/step-control.ts, exponents divided by the order. */
  exponentLast: f64
  exponentBeforeLast: f64
  exponentBeforeThat: f64
  order: f64
  safety: f64
  margin: f64
  shrinkLimit: f64
  growthLimit: f64
  logarithmLimit: f64
  stability: f64
  /** What an integrator carries from stretch to stretch: the step to try next, ln of two errors, and the two counts of the detector. */
  size: f64
  logarithm: f64
  logarithmBefore: f64
  suspicious: f64
  calm: f64
  /** Reached so far. */
  t: f64
  /** Components that enter the norm. */
  normed: i32
  /** May a step be shorter than an accepted one before it? */
  shrinkAccepted: i32
  showsStiffness: i32
  firstSameAsLast: i32
  /** Weights of the error estimates, `stages` each; the second may be missing: 0. */
  weights: usize
  weightsLow: usize
  /** Suspicious steps that make a field stiff, calm ones that clear it. */
  alarm: i32
  clear: i32
  /** Is the first slope in the record that comes next? */
  first: i32
  /** Of f, and steps tried; a step that is left to the caller is not counted. */
  evaluations: i32
  attempts: i32
}

const EPSILON: f64 = 2.220446049250313e-16
const SMALLEST: f64 = 5e-324

/**
 * Takes steps from `stepper.t` towards `to` as src/ode/integrator.ts takes them, record after record, as long as nothing out of the
 * ordinary comes up: a step that collapses, a field that turns stiff, a record that is missing. Such a step is left to the caller.
 * @param z The state, and where it goes to. @param end Room for another. @param past 1: the last step may go beyond `to`.
 * @returns Steps that were accepted. `stepper.t` is `to` when it was reached.
 */
export function advance<T>(
  network: Network, tableau: Tableau, stepper: Stepper, record: StepRecord, to: f64, z: usize, end: usize, past: i32, most: i32,
): i32 {
  const d = network.dimension
  const stages = tableau.stages
  const direction: f64 = to > stepper.t ? 1 : -1
  let accepted = 0
  for (let n = 0; n < most; n++) {
    const t = stepper.t
    const remaining = Math.abs(to - t)
    const h = past ? stepper.size : fitStep(stepper.size, remaining)
    // Not `h < remaining`: where one of them is NaN there is no landing either, and no record to go on in.
    if (t + direction * h == t || (record.next == 0 && !(h >= remaining))) break
    const lands = h == remaining
    record.t = t
    record.h = lands ? to - t : moved(t, direction * h)
    record.end = lands ? justBefore(to, direction) : t + direction * h
    copyVectors(z, record.states, d << 3)
    attemptStep<T>(network, tableau, record, stepper.first, end)
    stepper.evaluations += 1 - stepper.first
    stepper.first = 1
    const error = localError(stepper, record, stages, end, d)
    if (!(error <= 1)) {
      const shorter = h * min<f64>(1, factor(stepper, error, logarithmOf(error)))
      if (!(shorter > smallestStep(t))) break
      stepper.size = shorter
      tried(stepper, stages)
      continue
    }
    const suspicious = stepper.showsStiffness != 0 && rate(stepper, record, stages, d) * Math.abs(record.h) > 0.95 * stepper.stability
    if (suspicious && stepper.suspicious + 1 == stepper.alarm) break
    tried(stepper, stages)
    adapt(stepper, h, error)
    if (stepper.showsStiffness) count(stepper, suspicious)
    accepted++
    copyVectors(end, z, d << 3)
    if (h >= remaining) {
      stepper.t = to
      break
    }
    stepper.t = t + direction * h
    const next = changetype<StepRecord>(record.next)
    if (stepper.firstSameAsLast) {
      copyVectors(lastOf(record.slopes, d << 3, stages), next.slopes, d << 3)
      copyVectors(lastOf(record.kept, network.keptBytes, stages), next.kept, network.keptBytes)
    } else stepper.first = 0
    record = next
  }
  return accepted
}

// @ts-ignore: decorator
@inline
function tried(stepper: Stepper, stages: i32): void {
  stepper.evaluations += stages - 1
  stepper.attempts++
}

function copyVectors(from: usize, to: usize, bytes: i32): void {
  for (let at: usize = 0; at < <usize>bytes; at += 16) v128.store(to + at, v128.load(from + at))
}

/** The array of the last stage, of arrays of so many bytes. */
// @ts-ignore: decorator
@inline
function lastOf(first: usize, bytes: i32, stages: i32): usize {
  return first + strideOf(bytes) * (stages - 1)
}

function fitStep(planned: f64, remaining: f64): f64 {
  if (planned >= remaining * 0.99) return remaining
  return planned * 2 > remaining ? remaining / 2 : planned
}

function moved(t: f64, h: f64): f64 {
  return Math.abs(t) < 1e6 * Math.abs(h) ? h : t + h - t
}

function justBefore(t: f64, direction: f64): f64 {
  const width = max<f64>(Math.abs(t) * EPSILON, SMALLEST)
  return direction > 0 ? t - width : t + width
}

function smallestStep(t: f64): f64 {
  return 16 * EPSILON * max<f64>(Math.abs(t), SMALLEST / EPSILON)
}

/** As src/ode/steps/local-error.ts. */
function localError(stepper: Stepper, record: StepRecord, stages: i32, end: usize, d: i32): f64 {
  const first = norm(stepper, stepper.weights, record, stages, end, d)
  if (stepper.weightsLow == 0 || !(first > 0)) return first
  const second = norm(stepper, stepper.weightsLow, record, stages, end, d)
  return (first * first) / Math.sqrt(first * first + 0.01 * second * second)
}

function norm(stepper: Stepper, weights: usize, record: StepRecord, stages: i32, end: usize, d: i32): f64 {
  const normed = stepper.normed
  const stride = strideOf(d << 3)
  const rtol = f64x2.splat(stepper.rtol), atol = f64x2.splat(stepper.atol), h = f64x2.splat(record.h)
  let sum: f64 = 0
  for (let i = 0; i < normed; i += 2) {
    const at = <usize>i << 3
    let error = f64x2.splat(0)
    let slope = record.slopes + at
    for (let s = 0; s < stages; s++, slope += stride)
      error = f64x2.add(error, f64x2.mul(v128.load64_splat(weights + (<usize>s << 3)), v128.load(slope)))
    error = f64x2.mul(error, h)
    const size = f64x2.max(f64x2.abs(v128.load(record.states + at)), f64x2.abs(v128.load(end + at)))
    const ratio = f64x2.div(error, f64x2.add(atol, f64x2.mul(rtol, size)))
    const square = f64x2.mul(ratio, ratio)
    sum += f64x2.extract_lane(square, 0)
    if (i + 1 < normed) sum += f64x2.extract_lane(square, 1)
  }
  return Math.sqrt(sum / <f64>normed)
}

/** As src/ode/steps/step-control.ts, and so are the others. */
function factor(stepper: Stepper, error: f64, logarithm: f64): f64 {
  if (!(error < Infinity)) return stepper.shrinkLimit
  const accepted = error <= 1
  const wanted = accepted ? following(stepper, logarithm) : stepper.safety * exp(-logarithm / stepper.order)
  const lowest = accepted && !stepper.shrinkAccepted ? 1 : stepper.shrinkLimit
  return min<f64>(stepper.growthLimit, max<f64>(lowest, wanted))
}

function following(stepper: Stepper, logarithm: f64): f64 {
  const exponent =
    -stepper.exponentLast * logarithm -
    stepper.exponentBeforeLast * stepper.logarithm -
    stepper.exponentBeforeThat * stepper.logarithmBefore
  return exponent >= stepper.logarithmLimit ? stepper.growthLimit : stepper.margin * exp(exponent)
}

function adapt(stepper: Stepper, h: f64, error: f64): void {
  const logarithm = logarithmOf(error)
  const proposed = h * factor(stepper, error, logarithm)
  if (h < stepper.size) {
    stepper.size = max<f64>(stepper.size, proposed)
    return
  }
  stepper.size = proposed
  stepper.logarithmBefore = stepper.logarithm
  stepper.logarithm = logarithm
}

// @ts-ignore: decorator
@inline
function logarithmOf(error: f64): f64 {
  return log(max<f64>(error, 1e-8))
}

/** As src/ode/steps/stiffness-detector.ts. */
function rate(stepper: Stepper, record: StepRecord, stages: i32, d: i32): f64 {
  const stride = strideOf(d << 3)
  const k1 = record.slopes + stride * (stages - 1), y1 = record.states + stride * (stages - 1)
  let numerator: f64 = 0, denominator: f64 = 0
  for (let i = 0; i < stepper.normed; i++) {
    const at = <usize>i << 3
    const y = load<f64>(y1 + at)
    const scale = 1 / (stepper.atol + stepper.rtol * Math.abs(y))
    const slope = (load<f64>(k1 + at) - load<f64>(k1 + at - stride)) * scale
    const state = (y - load<f64>(y1 + at - stride)) * scale
    numerator += slope * slope
    denominator += state * state
  }
  return denominator > 0 ? Math.sqrt(numerator / denominator) : 0
}

function count(stepper: Stepper, suspicious: bool): void {
  if (suspicious) {
    stepper.calm = 0
    stepper.suspicious += 1
    return
  }
  stepper.calm += 1
  if (stepper.calm < stepper.clear) return
  stepper.calm = 0
  stepper.suspicious = 0
}
