import { ArenaArray } from './arena-array.js'
import { createMemory, type WasmMemory } from './web-assembly.js'

const PAGE = 65536
/** 4 GiB, all that 32-bit addresses reach. Address space only: pages are taken as they are needed. */
const MOST_PAGES = 65536
/** Pieces begin at cache lines. */
const LINE = 64

/**
 * The memory of the kernels. It is shared memory, whose views stay valid when it grows; pieces are never moved. What is released,
 * or was owned by an object that the garbage collector took, is kept by size and used again.
 */
export class Arena {
  readonly memory: WasmMemory
  readonly #free = new Map<number, number[]>()
  readonly #lost = new FinalizationRegistry<Piece>(piece => this.#reuse(piece))
  #top = PAGE
  #used = 0

  constructor() {
    this.memory = createMemory(16, MOST_PAGES)
  }

  /** Bytes that are in use. */
  get used(): number {
    return this.#used
  }

  /** Bytes the memory has grown to. */
  get size(): number {
    return this.memory.buffer.byteLength
  }

  /**
   * A piece of zeros that lives as long as its owner.
   * @param owner Must not be reachable from the kernel; whoever uses the piece holds on to it.
   * @returns Its address; 0 when there is no room.
   */
  allocate(bytes: number, owner: object): number {
    const size = Math.ceil(Math.max(bytes, 1) / LINE) * LINE
    const address = this.#free.get(size)?.pop() ?? this.#extend(size)
    if (address === 0) return 0
    this.#used += size
    this.#lost.register(owner, { address, size }, owner)
    return address
  }

  /** Gives back what this owner has, before the garbage collector does. */
  release(owner: object, address: number, bytes: number): void {
    this.#lost.unregister(owner)
    this.#reuse({ address, size: Math.ceil(Math.max(bytes, 1) / LINE) * LINE })
  }

  /** A view of a piece; valid however the memory grows. */
  float64(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length)
  }

  /** Arrays of zeros side by side, released together when the last of them is gone. Undefined when there is no room. */
  arrays(count: number, length: number): ArenaArray[] | undefined {
    const owner = {}
    const stride = Math.ceil((length * 8) / LINE) * LINE
    const address = this.allocate(count * stride, owner)
    if (address === 0) return undefined
    return Array.from({ length: count }, (_, k) =>
      ArenaArray.at(this.memory.buffer, address + k * stride, length, owner),
    )
  }

  #extend(size: number): number {
    const end = this.#top + size
    const missing = Math.ceil((end - this.size) / PAGE)
    if (missing > 0 && !this.#grow(missing)) return 0
    const address = this.#top
    this.#top = end
    return address
  }

  /** By a quarter at least, so that growing is rare. */
  #grow(pages: number): boolean {
    const present = this.size / PAGE
    const wanted = Math.min(Math.max(pages, present >> 2), MOST_PAGES - present)
    if (wanted < pages) return false
    try {
      this.memory.grow(wanted)
      return true
    } catch {
      return false
    }
  }

  #reuse({ address, size }: Piece): void {
    this.#used -= size
    new Uint8Array(this.memory.buffer, address, size).fill(0)
    const list = this.#free.get(size)
    if (list) list.push(address)
    else this.#free.set(size, [address])
  }
}

interface Piece {
  readonly address: number
  readonly size: number
}
