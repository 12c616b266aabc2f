/**
 * Dense layers in registers. Weights lie twice in memory, once for each direction, so that both run along them:
 * - forward, in blocks of 6, 4, 2 or 1 vectors of outputs, input after input;
 * - backward, row after row of inputs, padded to whole vectors.
 * V8 loads all that a loop body loads before it computes, so a body must not load more than 15 registers hold beside its sums: one
 * sum that is spilled takes longer than all the others together.
 */

/** Vectors of the next block, when this many are left. */
export function blockSize(vectors: i32): i32 {
  return vectors >= 6 ? 6 : vectors >= 4 ? 4 : vectors >= 2 ? 2 : 1
}

/** out = W x + bias, `vectors` vectors of outputs. */
export function forward<T>(weights: usize, bias: usize, x: usize, inputs: i32, vectors: i32, out: usize): void {
  for (; vectors >= 6; vectors -= 6, bias += 96, out += 96, weights += <usize>inputs * 96)
    forward6<T>(weights, bias, x, inputs, out)
  if (vectors & 4) {
    forward4<T>(weights, bias, x, inputs, out)
    bias += 64
    out += 64
    weights += <usize>inputs << 6
  }
  if (vectors & 2) {
    forward2<T>(weights, bias, x, inputs, out)
    bias += 32
    out += 32
    weights += <usize>inputs << 5
  }
  if (vectors & 1) forward1<T>(weights, bias, x, inputs, out)
}

// @ts-ignore: decorator
@inline
function each<T>(x: usize, offset: usize): v128 {
  return v128.load_splat<T>(x + offset * sizeof<T>())
}

// @ts-ignore: decorator
@inline
export function fused<T>(sum: v128, a: v128, b: v128): v128 {
  return v128.add<T>(sum, v128.mul<T>(a, b))
}

function forward6<T>(w: usize, bias: usize, x: usize, inputs: i32, out: usize): void {
  let s0 = v128.load(bias), s1 = v128.load(bias, 16), s2 = v128.load(bias, 32)
  let s3 = v128.load(bias, 48), s4 = v128.load(bias, 64), s5 = v128.load(bias, 80)
  for (const end = x + <usize>inputs * sizeof<T>(); x < end; x += sizeof<T>(), w += 96) {
    const v = each<T>(x, 0)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    s2 = fused<T>(s2, v128.load(w, 32), v)
    s3 = fused<T>(s3, v128.load(w, 48), v)
    s4 = fused<T>(s4, v128.load(w, 64), v)
    s5 = fused<T>(s5, v128.load(w, 80), v)
  }
  v128.store(out, s0)
  v128.store(out, s1, 16)
  v128.store(out, s2, 32)
  v128.store(out, s3, 48)
  v128.store(out, s4, 64)
  v128.store(out, s5, 80)
}

function forward4<T>(w: usize, bias: usize, x: usize, inputs: i32, out: usize): void {
  let s0 = v128.load(bias), s1 = v128.load(bias, 16), s2 = v128.load(bias, 32), s3 = v128.load(bias, 48)
  for (const end = x + <usize>inputs * sizeof<T>(); x < end; x += sizeof<T>(), w += 64) {
    const v = each<T>(x, 0)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    s2 = fused<T>(s2, v128.load(w, 32), v)
    s3 = fused<T>(s3, v128.load(w, 48), v)
  }
  v128.store(out, s0)
  v128.store(out, s1, 16)
  v128.store(out, s2, 32)
  v128.store(out, s3, 48)
}

function forward2<T>(w: usize, bias: usize, x: usize, inputs: i32, out: usize): void {
  let s0 = v128.load(bias), s1 = v128.load(bias, 16)
  let s2 = v128.splat<T>(<T>0), s3 = s2, s4 = s2, s5 = s2
  let left = inputs
  for (; left >= 3; left -= 3, x += 3 * sizeof<T>(), w += 96) {
    const v = each<T>(x, 0), v1 = each<T>(x, 1), v2 = each<T>(x, 2)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    s2 = fused<T>(s2, v128.load(w, 32), v1)
    s3 = fused<T>(s3, v128.load(w, 48), v1)
    s4 = fused<T>(s4, v128.load(w, 64), v2)
    s5 = fused<T>(s5, v128.load(w, 80), v2)
  }
  for (; left > 0; left--, x += sizeof<T>(), w += 32) {
    const v = each<T>(x, 0)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
  }
  v128.store(out, v128.add<T>(s0, v128.add<T>(s2, s4)))
  v128.store(out, v128.add<T>(s1, v128.add<T>(s3, s5)), 16)
}

function forward1<T>(w: usize, bias: usize, x: usize, inputs: i32, out: usize): void {
  let s0 = v128.load(bias)
  let s1 = v128.splat<T>(<T>0), s2 = s1, s3 = s1
  let left = inputs
  for (; left >= 4; left -= 4, x += 4 * sizeof<T>(), w += 64) {
    s0 = fused<T>(s0, v128.load(w), each<T>(x, 0))
    s1 = fused<T>(s1, v128.load(w, 16), each<T>(x, 1))
    s2 = fused<T>(s2, v128.load(w, 32), each<T>(x, 2))
    s3 = fused<T>(s3, v128.load(w, 48), each<T>(x, 3))
  }
  for (; left > 0; left--, x += sizeof<T>(), w += 16) s0 = fused<T>(s0, v128.load(w), each<T>(x, 0))
  v128.store(out, v128.add<T>(v128.add<T>(s0, s2), v128.add<T>(s1, s3)))
}

/**
 * ax = Wᵀ a (overwritten) and G += a xᵀ, in one pass over the rows. `vectors`: vectors of inputs; rows begin `stride` bytes apart.
 */
export function backward<T>(
  weights: usize, gradient: usize, x: usize, a: usize, outputs: i32, vectors: i32, stride: usize, ax: usize,
): void {
  for (; vectors >= 4; vectors -= 4, weights += 64, gradient += 64, x += 64, ax += 64)
    backward4<T>(weights, gradient, x, a, outputs, stride, ax)
  if (vectors & 2) {
    backward2<T>(weights, gradient, x, a, outputs, stride, ax)
    weights += 32
    gradient += 32
    x += 32
    ax += 32
  }
  if (vectors & 1) backward1<T>(weights, gradient, x, a, outputs, stride, ax)
}

// @ts-ignore: decorator
@inline
function accumulate<T>(gradient: usize, a: v128, x: v128): void {
  v128.store(gradient, fused<T>(v128.load(gradient), a, x))
}

function backward4<T>(w: usize, g: usize, x: usize, a: usize, outputs: i32, stride: usize, ax: usize): void {
  const x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48)
  let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0
  // Two rows a turn: with one, the loop itself would take a quarter of the time.
  for (let left = outputs; left > 0; left -= 2) {
    let v = v128.load_splat<T>(a)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    s2 = fused<T>(s2, v128.load(w, 32), v)
    s3 = fused<T>(s3, v128.load(w, 48), v)
    v128.store(g, fused<T>(v128.load(g), v, x0))
    v128.store(g, fused<T>(v128.load(g, 16), v, x1), 16)
    v128.store(g, fused<T>(v128.load(g, 32), v, x2), 32)
    v128.store(g, fused<T>(v128.load(g, 48), v, x3), 48)
    w += stride
    g += stride
    if (left == 1) break
    v = v128.load_splat<T>(a, sizeof<T>())
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    s2 = fused<T>(s2, v128.load(w, 32), v)
    s3 = fused<T>(s3, v128.load(w, 48), v)
    v128.store(g, fused<T>(v128.load(g), v, x0))
    v128.store(g, fused<T>(v128.load(g, 16), v, x1), 16)
    v128.store(g, fused<T>(v128.load(g, 32), v, x2), 32)
    v128.store(g, fused<T>(v128.load(g, 48), v, x3), 48)
    w += stride
    g += stride
    a += 2 * sizeof<T>()
  }
  v128.store(ax, s0)
  v128.store(ax, s1, 16)
  v128.store(ax, s2, 32)
  v128.store(ax, s3, 48)
}

function backward2<T>(w: usize, g: usize, x: usize, a: usize, outputs: i32, stride: usize, ax: usize): void {
  const x0 = v128.load(x), x1 = v128.load(x, 16)
  let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0
  let left = outputs
  for (; left >= 2; left -= 2, a += 2 * sizeof<T>(), w += 2 * stride, g += 2 * stride) {
    const v = each<T>(a, 0), v1 = each<T>(a, 1)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    s2 = fused<T>(s2, v128.load(w + stride), v1)
    s3 = fused<T>(s3, v128.load(w + stride, 16), v1)
    accumulate<T>(g, v, x0)
    accumulate<T>(g + 16, v, x1)
    accumulate<T>(g + stride, v1, x0)
    accumulate<T>(g + stride + 16, v1, x1)
  }
  if (left) {
    const v = each<T>(a, 0)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w, 16), v)
    accumulate<T>(g, v, x0)
    accumulate<T>(g + 16, v, x1)
  }
  v128.store(ax, v128.add<T>(s0, s2))
  v128.store(ax, v128.add<T>(s1, s3), 16)
}

function backward1<T>(w: usize, g: usize, x: usize, a: usize, outputs: i32, stride: usize, ax: usize): void {
  const x0 = v128.load(x)
  let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0
  const two = stride + stride, three = two + stride
  let left = outputs
  for (; left >= 4; left -= 4, a += 4 * sizeof<T>(), w += 4 * stride, g += 4 * stride) {
    const v = each<T>(a, 0), v1 = each<T>(a, 1), v2 = each<T>(a, 2), v3 = each<T>(a, 3)
    s0 = fused<T>(s0, v128.load(w), v)
    s1 = fused<T>(s1, v128.load(w + stride), v1)
    s2 = fused<T>(s2, v128.load(w + two), v2)
    s3 = fused<T>(s3, v128.load(w + three), v3)
    accumulate<T>(g, v, x0)
    accumulate<T>(g + stride, v1, x0)
    accumulate<T>(g + two, v2, x0)
    accumulate<T>(g + three, v3, x0)
  }
  for (; left > 0; left--, a += sizeof<T>(), w += stride, g += stride) {
    const v = each<T>(a, 0)
    s0 = fused<T>(s0, v128.load(w), v)
    accumulate<T>(g, v, x0)
  }
  v128.store(ax, v128.add<T>(v128.add<T>(s0, s2), v128.add<T>(s1, s3)))
}

/** sums += a, `vectors` vectors. */
export function add<T>(sums: usize, a: usize, vectors: i32): void {
  for (const end = a + (<usize>vectors << 4); a < end; a += 16, sums += 16)
    v128.store(sums, v128.add<T>(v128.load(sums), v128.load(a)))
}
