import { fused } from './dense'

/**
 * The two halves of `backward` apart, for several places at once: Wᵀa now, and the gradients of up to four places in one pass over
 * them, which is what memory is slow for. Each number is the same sum in the same order as with `backward`.
 */

/** ax = Wᵀ a (overwritten). `vectors`: vectors of inputs; rows begin `stride` bytes apart. */
export function transposed<T>(weights: usize, a: usize, outputs: i32, vectors: i32, stride: usize, ax: usize): void {
  // Twice six are three times four: `backward` adds up what is left of fours otherwise.
  for (; vectors >= 12; vectors -= 12, weights += 192, ax += 192) {
    transposed6<T>(weights, a, outputs, stride, ax)
    transposed6<T>(weights + 96, a, outputs, stride, ax + 96)
  }
  for (; vectors >= 4; vectors -= 4, weights += 64, ax += 64) transposed4<T>(weights, a, outputs, stride, ax)
  if (vectors & 2) {
    transposed2<T>(weights, a, outputs, stride, ax)
    weights += 32
    ax += 32
  }
  if (vectors & 1) transposed1<T>(weights, a, outputs, stride, ax)
}

function transposed6<T>(w: usize, a: usize, outputs: i32, stride: usize, ax: usize): void {
  let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0
  for (const end = a + <usize>outputs * sizeof<T>(); a < end; a += sizeof<T>(), w += stride) {
    const v = v128.load_splat<T>(a)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    s2 = fused<T>(s2, v128.load(w, 32), v)
    s3 = fused<T>(s3, v128.load(w, 48), v)
    s4 = fused<T>(s4, v128.load(w, 64), v)
    s5 = fused<T>(s5, v128.load(w, 80), v)
  }
  v128.store(ax, s0)
  v128.store(ax, s1, 16)
  v128.store(ax, s2, 32)
  v128.store(ax, s3, 48)
  v128.store(ax, s4, 64)
  v128.store(ax, s5, 80)
}

function transposed4<T>(w: usize, a: usize, outputs: i32, stride: usize, ax: usize): void {
  let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0
  for (const end = a + <usize>outputs * sizeof<T>(); a < end; a += sizeof<T>(), w += stride) {
    const v = v128.load_splat<T>(a)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    s2 = fused<T>(s2, v128.load(w, 32), v)
    s3 = fused<T>(s3, v128.load(w, 48), v)
  }
  v128.store(ax, s0)
  v128.store(ax, s1, 16)
  v128.store(ax, s2, 32)
  v128.store(ax, s3, 48)
}

function transposed2<T>(w: usize, a: usize, outputs: i32, stride: usize, ax: usize): void {
  let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0
  let left = outputs
  for (; left >= 2; left -= 2, a += 2 * sizeof<T>(), w += stride + stride) {
    const v = v128.load_splat<T>(a), v1 = v128.load_splat<T>(a, sizeof<T>())
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    s2 = fused<T>(s2, v128.load(w + stride), v1)
    s3 = fused<T>(s3, v128.load(w + stride, 16), v1)
  }
  if (left) {
    const v = v128.load_splat<T>(a)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
  }
  v128.store(ax, v128.add<T>(s0, s2))
  v128.store(ax, v128.add<T>(s1, s3), 16)
}

function transposed1<T>(w: usize, a: usize, outputs: i32, stride: usize, ax: usize): void {
  let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0
  const two = stride + stride, three = two + stride
  let left = outputs
  for (; left >= 4; left -= 4, a += 4 * sizeof<T>(), w += two + two) {
    s0 = fused<T>(s0, v128.load(w), v128.load_splat<T>(a))
    s1 = fused<T>(s1, v128.load(w + stride), v128.load_splat<T>(a, sizeof<T>()))
    s2 = fused<T>(s2, v128.load(w + two), v128.load_splat<T>(a, 2 * sizeof<T>()))
    s3 = fused<T>(s3, v128.load(w + three), v128.load_splat<T>(a, 3 * sizeof<T>()))
  }
  for (; left > 0; left--, a += sizeof<T>(), w += stride) s0 = fused<T>(s0, v128.load(w), v128.load_splat<T>(a))
  v128.store(ax, v128.add<T>(v128.add<T>(s0, s2), v128.add<T>(s1, s3)))
}

/** G += a xᵀ + … for four places, whose a lie `step` bytes apart. `vectors`: those of a row of G; rows begin `stride` bytes apart. */
export function outerFour<T>(
  g: usize, outputs: i32, vectors: i32, stride: usize, a: usize, step: usize, x0: usize, x1: usize, x2: usize, x3: usize,
): void {
  const end = <usize>vectors << 4
  let at: usize = 0
  for (; at + 32 <= end; at += 32) outerFour2<T>(g + at, stride, outputs, a, step, x0 + at, x1 + at, x2 + at, x3 + at)
  if (at < end) outerFour1<T>(g + at, stride, outputs, a, step, x0 + at, x1 + at, x2 + at, x3 + at)
}

function outerFour2<T>(
  g: usize, stride: usize, outputs: i32, a: usize, step: usize, x0: usize, x1: usize, x2: usize, x3: usize,
): void {
  const p0 = v128.load(x0), p1 = v128.load(x1), p2 = v128.load(x2), p3 = v128.load(x3)
  const q0 = v128.load(x0, 16), q1 = v128.load(x1, 16), q2 = v128.load(x2, 16), q3 = v128.load(x3, 16)
  const a1 = a + step, a2 = a1 + step, a3 = a2 + step
  for (let at: usize = 0, end = <usize>outputs * sizeof<T>(); at < end; at += sizeof<T>(), g += stride) {
    const v0 = v128.load_splat<T>(a + at), v1 = v128.load_splat<T>(a1 + at)
    const v2 = v128.load_splat<T>(a2 + at), v3 = v128.load_splat<T>(a3 + at)
    const p = fused<T>(fused<T>(fused<T>(fused<T>(v128.load(g), v0, p0), v1, p1), v2, p2), v3, p3)
    const q = fused<T>(fused<T>(fused<T>(fused<T>(v128.load(g, 16), v0, q0), v1, q1), v2, q2), v3, q3)
    v128.store(g, p)
    v128.store(g, q, 16)
  }
}

function outerFour1<T>(
  g: usize, stride: usize, outputs: i32, a: usize, step: usize, x0: usize, x1: usize, x2: usize, x3: usize,
): void {
  const p0 = v128.load(x0), p1 = v128.load(x1), p2 = v128.load(x2), p3 = v128.load(x3)
  const a1 = a + step, a2 = a1 + step, a3 = a2 + step
  for (let at: usize = 0, end = <usize>outputs * sizeof<T>(); at < end; at += sizeof<T>(), g += stride) {
    const v0 = v128.load_splat<T>(a + at), v1 = v128.load_splat<T>(a1 + at)
    const v2 = v128.load_splat<T>(a2 + at), v3 = v128.load_splat<T>(a3 + at)
    v128.store(g, fused<T>(fused<T>(fused<T>(fused<T>(v128.load(g), v0, p0), v1, p1), v2, p2), v3, p3))
  }
}

/** sums += the vectors of four places, in their order. */
export function addFour<T>(sums: usize, a: usize, step: usize, vectors: i32): void {
  const a1 = a + step, a2 = a1 + step, a3 = a2 + step
  for (let at: usize = 0, end = <usize>vectors << 4; at < end; at += 16) {
    const two = v128.add<T>(v128.add<T>(v128.load(sums + at), v128.load(a + at)), v128.load(a1 + at))
    v128.store(sums + at, v128.add<T>(v128.add<T>(two, v128.load(a2 + at)), v128.load(a3 + at)))
  }
}
