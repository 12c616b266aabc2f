/**
 * Symmetric matrices of float64, the lower triangle stored row by row: row i begins at i(i+1)/2. Rows begin wherever they begin, so
 * loads are not aligned, which costs little.
 */

// @ts-ignore: decorator
@inline
function number(array: usize, index: i32): f64 {
  return load<f64>(array + (<usize>index << 3))
}

// @ts-ignore: decorator
@inline
function fused(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b))
}

/** out = P v: every number of P is read once and used twice. */
export function multiplyTriangle(p: usize, n: i32, v: usize, out: usize): void {
  memory.fill(out, 0, <usize>n << 3)
  let i = 0
  for (; i + 4 <= n; i += 4) {
    p = multiplyRows(p, i, v, out)
  }
  for (; i < n; i++) p = multiplyRow(p, 0, i, v, out)
}

/** out = P v and out2 = P w. Four rows for one, then for the other, who finds them in the first cache: P is read once for both. */
export function multiplyTriangleTwo(p: usize, n: i32, v: usize, out: usize, w: usize, out2: usize): void {
  memory.fill(out, 0, <usize>n << 3)
  memory.fill(out2, 0, <usize>n << 3)
  let i = 0
  for (; i + 4 <= n; i += 4) {
    multiplyRows(p, i, v, out)
    p = multiplyRows(p, i, w, out2)
  }
  for (; i < n; i++) {
    multiplyRow(p, 0, i, v, out)
    p = multiplyRow(p, 0, i, w, out2)
  }
}

/** Rows i to i + 3, i a multiple of four. @returns where the next row begins. */
function multiplyRows(p: usize, i: i32, v: usize, out: usize): usize {
  const p1 = p + (<usize>(i + 1) << 3)
  const p2 = p1 + (<usize>(i + 2) << 3)
  const p3 = p2 + (<usize>(i + 3) << 3)
  const vi = v + (<usize>i << 3)
  const x0 = v128.load64_splat(vi), x1 = v128.load64_splat(vi, 8), x2 = v128.load64_splat(vi, 16), x3 = v128.load64_splat(vi, 24)
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0
  const end = <usize>i << 3
  for (let at: usize = 0; at < end; at += 16) {
    const vj = v128.load(v + at)
    const r0 = v128.load(p + at), r1 = v128.load(p1 + at), r2 = v128.load(p2 + at), r3 = v128.load(p3 + at)
    const low = f64x2.add(f64x2.mul(r0, x0), f64x2.mul(r1, x1))
    const high = f64x2.add(f64x2.mul(r2, x2), f64x2.mul(r3, x3))
    s0 = fused(s0, r0, vj)
    s1 = fused(s1, r1, vj)
    s2 = fused(s2, r2, vj)
    s3 = fused(s3, r3, vj)
    v128.store(out + at, f64x2.add(v128.load(out + at), f64x2.add(low, high)))
  }
  return multiplyCorner(p + end, p1 + end, p2 + end, p3 + end, vi, out + end, s0, s1, s2, s3)
}

/**
 * The four columns on the diagonal, as `multiplyRow` would do them, row after row, but in registers.
 * @param o Where these four of the result lie, to which the sums of the columns before are added first.
 * @returns where the next row begins.
 */
// @ts-ignore: decorator
@inline
function multiplyCorner(
  p: usize, q: usize, r: usize, s: usize, v: usize, o: usize, s0: v128, s1: v128, s2: v128, s3: v128,
): usize {
  const v0 = number(v, 0), v1 = number(v, 1), v2 = number(v, 2), v3 = number(v, 3)
  let o0 = number(o, 0) + total(s0), o1 = number(o, 1) + total(s1), o2 = number(o, 2) + total(s2), o3 = number(o, 3) + total(s3)
  const zero: f64 = 0
  o0 += zero + number(p, 0) * v0
  const q0 = number(q, 0)
  o0 += q0 * v1
  o1 += zero + q0 * v0 + number(q, 1) * v1
  const r0 = number(r, 0), r1 = number(r, 1)
  o0 += r0 * v2
  o1 += r1 * v2
  o2 += zero + r0 * v0 + r1 * v1 + number(r, 2) * v2
  const t0 = number(s, 0), t1 = number(s, 1), t2 = number(s, 2)
  o0 += t0 * v3
  o1 += t1 * v3
  o2 += t2 * v3
  o3 += zero + t0 * v0 + t1 * v1 + t2 * v2 + number(s, 3) * v3
  store<f64>(o, o0)
  store<f64>(o, o1, 8)
  store<f64>(o, o2, 16)
  store<f64>(o, o3, 24)
  return s + 32
}

// @ts-ignore: decorator
@inline
function total(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

/** Row i from column `from` on, number after number. @returns where the next row begins. */
function multiplyRow(p: usize, from: i32, i: i32, v: usize, out: usize): usize {
  const vi = number(v, i)
  let sum: f64 = 0
  for (let j = from; j < i; j++) {
    const r = number(p, j)
    sum += r * number(v, j)
    const at = out + (<usize>j << 3)
    store<f64>(at, load<f64>(at) + r * vi)
  }
  const at = out + (<usize>i << 3)
  store<f64>(at, load<f64>(at) + (sum + number(p, i) * vi))
  return p + (<usize>(i + 1) << 3)
}

/** P = (P − a aᵀ / sa − b bᵀ / sb) · factor, each number in this order. */
export function subtractTwo(p: usize, n: i32, a: usize, sa: f64, b: usize, sb: f64, factor: f64): void {
  const scale = f64x2.splat(factor)
  for (let i = 0; i < n; i++) {
    const ai = f64x2.splat(number(a, i) / sa), bi = f64x2.splat(number(b, i) / sb)
    const end = <usize>(i + 1) << 3
    let at: usize = 0
    for (; at + 32 <= end; at += 32) {
      const r0 = f64x2.sub(v128.load(p + at), f64x2.mul(ai, v128.load(a + at)))
      const r1 = f64x2.sub(v128.load(p + at, 16), f64x2.mul(ai, v128.load(a + at, 16)))
      const q0 = f64x2.sub(r0, f64x2.mul(bi, v128.load(b + at)))
      const q1 = f64x2.sub(r1, f64x2.mul(bi, v128.load(b + at, 16)))
      v128.store(p + at, f64x2.mul(q0, scale))
      v128.store(p + at, f64x2.mul(q1, scale), 16)
    }
    for (; at < end; at += 8) {
      const r = load<f64>(p + at) - f64x2.extract_lane(ai, 0) * load<f64>(a + at)
      store<f64>(p + at, (r - f64x2.extract_lane(bi, 0) * load<f64>(b + at)) * factor)
    }
    p += end
  }
}

/** P = (P − a aᵀ / sa − b bᵀ / sb) · factor − c cᵀ / sc, each number in this order. */
export function subtractThree(p: usize, n: i32, a: usize, sa: f64, b: usize, sb: f64, factor: f64, c: usize, sc: f64): void {
  const scale = f64x2.splat(factor)
  for (let i = 0; i < n; i++) {
    const ai = f64x2.splat(number(a, i) / sa), bi = f64x2.splat(number(b, i) / sb), ci = f64x2.splat(number(c, i) / sc)
    const end = <usize>(i + 1) << 3
    let at: usize = 0
    for (; at + 32 <= end; at += 32) {
      const r0 = f64x2.sub(v128.load(p + at), f64x2.mul(ai, v128.load(a + at)))
      const r1 = f64x2.sub(v128.load(p + at, 16), f64x2.mul(ai, v128.load(a + at, 16)))
      const q0 = f64x2.mul(f64x2.sub(r0, f64x2.mul(bi, v128.load(b + at))), scale)
      const q1 = f64x2.mul(f64x2.sub(r1, f64x2.mul(bi, v128.load(b + at, 16))), scale)
      v128.store(p + at, f64x2.sub(q0, f64x2.mul(ci, v128.load(c + at))))
      v128.store(p + at, f64x2.sub(q1, f64x2.mul(ci, v128.load(c + at, 16))), 16)
    }
    for (; at < end; at += 8) {
      const r = load<f64>(p + at) - f64x2.extract_lane(ai, 0) * load<f64>(a + at)
      const q = (r - f64x2.extract_lane(bi, 0) * load<f64>(b + at)) * factor
      store<f64>(p + at, q - f64x2.extract_lane(ci, 0) * load<f64>(c + at))
    }
    p += end
  }
}

/** P = (P − a aᵀ / sa) · factor. */
export function subtractOne(p: usize, n: i32, a: usize, sa: f64, factor: f64): void {
  const scale = f64x2.splat(factor)
  for (let i = 0; i < n; i++) {
    const ai = f64x2.splat(number(a, i) / sa)
    const end = <usize>(i + 1) << 3
    let at: usize = 0
    for (; at + 32 <= end; at += 32) {
      const r0 = f64x2.sub(v128.load(p + at), f64x2.mul(ai, v128.load(a + at)))
      const r1 = f64x2.sub(v128.load(p + at, 16), f64x2.mul(ai, v128.load(a + at, 16)))
      v128.store(p + at, f64x2.mul(r0, scale))
      v128.store(p + at, f64x2.mul(r1, scale), 16)
    }
    for (; at < end; at += 8) {
      const r = load<f64>(p + at) - f64x2.extract_lane(ai, 0) * load<f64>(a + at)
      store<f64>(p + at, r * factor)
    }
    p += end
  }
}
