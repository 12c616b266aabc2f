/** The WebAssembly that hosts have; ECMAScript's own library does not declare it, and that of browsers declares too much. */
interface WebAssemblyHost {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory
  readonly Module: new (binary: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

/** Memory in pages of 64 KiB. When shared memory grows, `buffer` becomes another object; views of the old one stay valid. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer
  /** @returns The pages there were before. Throws a RangeError when there is no room. */
  grow(pages: number): number
}

const host = (globalThis as { readonly WebAssembly?: WebAssemblyHost }).WebAssembly

/** Memory that can grow to `maximum` pages. Throws where the host has no WebAssembly or does not allow shared memory. */
export function createMemory(initial: number, maximum: number): WasmMemory {
  return new host!.Memory({ initial, maximum, shared: true })
}

/** Compiles a module (base64) and connects it with the memory. Throws a CompileError where the host knows no SIMD. */
export function instantiate(binary: string, memory: WasmMemory): Readonly<Record<string, unknown>> {
  const module = new host!.Module(Uint8Array.from(atob(binary), character => character.charCodeAt(0)))
  return new host!.Instance(module, { env: { memory } }).exports
}
