import { activate } from './activation'
import { collectNetwork, evaluateNetwork, Network, packNetwork, pullNetwork } from './network'
import { attemptStep, pullStep, pullSteps, StepRecord, Tableau } from './step'
import { advance, Stepper } from './stepper'

export function packF64(network: Network, theta: usize): void {
  packNetwork<f64>(network, theta)
}

export function packF32(network: Network, theta: usize): void {
  packNetwork<f32>(network, theta)
}

export function evaluateF64(network: Network, t: f64, z: usize, dz: usize, kept: usize): void {
  evaluateNetwork<f64>(network, t, z, dz, kept)
}

export function evaluateF32(network: Network, t: f64, z: usize, dz: usize, kept: usize): void {
  evaluateNetwork<f32>(network, t, z, dz, kept)
}

export function pullF64(network: Network, t: f64, z: usize, a: usize, az: usize, kept: usize): f64 {
  return pullNetwork<f64>(network, t, z, a, az, kept)
}

export function pullF32(network: Network, t: f64, z: usize, a: usize, az: usize, kept: usize): f64 {
  return pullNetwork<f32>(network, t, z, a, az, kept)
}

export function collectF64(network: Network, atheta: usize): void {
  collectNetwork<f64>(network, atheta)
}

export function collectF32(network: Network, atheta: usize): void {
  collectNetwork<f32>(network, atheta)
}

export function activateF64(kind: i32, x: usize, sums: usize, vectors: i32): void {
  activate<f64>(kind, x, sums, vectors)
}

export function activateF32(kind: i32, x: usize, sums: usize, vectors: i32): void {
  activate<f32>(kind, x, sums, vectors)
}

export { adamUpdate } from './adam'
export { multiplyTriangle, multiplyTriangleTwo, subtractOne, subtractThree, subtractTwo } from './triangle'

export function attemptF64(network: Network, tableau: Tableau, record: StepRecord, first: i32, out: usize): void {
  attemptStep<f64>(network, tableau, record, first, out)
}

export function attemptF32(network: Network, tableau: Tableau, record: StepRecord, first: i32, out: usize): void {
  attemptStep<f32>(network, tableau, record, first, out)
}

export function advanceF64(
  network: Network, tableau: Tableau, stepper: Stepper, record: StepRecord, to: f64, z: usize, end: usize, past: i32, most: i32,
): i32 {
  return advance<f64>(network, tableau, stepper, record, to, z, end, past, most)
}

export function advanceF32(
  network: Network, tableau: Tableau, stepper: Stepper, record: StepRecord, to: f64, z: usize, end: usize, past: i32, most: i32,
): i32 {
  return advance<f32>(network, tableau, stepper, record, to, z, end, past, most)
}

export function pullStepF64(
  network: Network, tableau: Tableau, record: StepRecord, last: i32, lambda: usize, kappa: usize,
): void {
  pullStep<f64>(network, tableau, record, last, lambda, kappa)
}

export function pullStepF32(
  network: Network, tableau: Tableau, record: StepRecord, last: i32, lambda: usize, kappa: usize,
): void {
  pullStep<f32>(network, tableau, record, last, lambda, kappa)
}

export function pullStepsF64(
  network: Network, tableau: Tableau, record: StepRecord, count: i32, lambda: usize, kappa: usize,
): void {
  pullSteps<f64>(network, tableau, record, count, lambda, kappa)
}

export function pullStepsF32(
  network: Network, tableau: Tableau, record: StepRecord, count: i32, lambda: usize, kappa: usize,
): void {
  pullSteps<f32>(network, tableau, record, count, lambda, kappa)
}
