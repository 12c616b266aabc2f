import { activate } from './activation'
import { collectNetwork, evaluateNetwork, Network, packNetwork, pullNetwork } from './network'
import { attemptStep, pullStep, Tableau } from './step'

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
export { multiplyTriangle, subtractOne, subtractTwo } from './triangle'

export function attemptF64(
  network: Network, tableau: Tableau, states: usize, slopes: usize, kept: usize,
  t: f64, h: f64, end: f64, first: i32, out: usize,
): void {
  attemptStep<f64>(network, tableau, states, slopes, kept, t, h, end, first, out)
}

export function attemptF32(
  network: Network, tableau: Tableau, states: usize, slopes: usize, kept: usize,
  t: f64, h: f64, end: f64, first: i32, out: usize,
): void {
  attemptStep<f32>(network, tableau, states, slopes, kept, t, h, end, first, out)
}

export function pullStepF64(
  network: Network, tableau: Tableau, states: usize, kept: usize,
  t: f64, h: f64, end: f64, last: i32, lambda: usize, kappa: usize,
): void {
  pullStep<f64>(network, tableau, states, kept, t, h, end, last, lambda, kappa)
}

export function pullStepF32(
  network: Network, tableau: Tableau, states: usize, kept: usize,
  t: f64, h: f64, end: f64, last: i32, lambda: usize, kappa: usize,
): void {
  pullStep<f32>(network, tableau, states, kept, t, h, end, last, lambda, kappa)
}
