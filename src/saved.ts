/** Numbers that are stored raw, little-endian. */
export type SavedArray = Float64Array | Float32Array | Uint32Array | Int32Array | Uint8Array

/**
 * What a part of the system must remember to go on exactly, as plain values: what a checkpoint holds. Every number keeps its
 * bits, NaN, infinities and −0 included. Arrays may be the live ones: whoever takes them encodes or copies them at once.
 */
export type Saved =
  | null
  | boolean
  | number
  | string
  | SavedArray
  | readonly Saved[]
  | { readonly [name: string]: Saved }

/** Is it one of the arrays that are stored raw? */
export function isSavedArray(value: unknown): value is SavedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}
