/**
 * The parts of v86 beyond its declared interface that we use. The version is pinned, and `internalsOf` checks that all
 * of them are there, so that an update that moves one fails at once and by name.
 */
import type { V86 } from 'v86'
import { EngineError } from '../../../guest/protocol/errors.ts'

export interface VirtQueue {
  /** Whether the guest's driver has posted a buffer that has not been used. */
  has_request(): boolean
}

export interface VirtioConsole {
  virtio: { queues: VirtQueue[] }
  /** Sends a control message to the guest: virtio 1.2, 5.3.6.2. */
  SendEvent(port: number, event: number, value: number): void
}

/** Views of the emulator's memory, unless said. */
export interface Cpu {
  /** [1] while the processor waits in HLT. */
  in_hlt: ArrayLike<number>
  /** The guest's RAM. */
  mem8: { byteOffset: number; length: number }
  /** Gives a saved state the pages of memory that are not all zero, and which those are. */
  pack_memory(): PackedMemory
  devices: { virtio_console: VirtioConsole }
  /** The time-stamp counter as `store_current_tsc` found it: its lower and its upper word. */
  current_tsc: ArrayLike<number>
  store_current_tsc(): void
  set_tsc(low: number, high: number): void
  last_result: Register
  fpu_status_word: Register
  mxcsr: Register
}

interface PackedMemory {
  /** A bit for each page. */
  bitmap: { get_buffer(): ArrayBuffer }
  packed_memory: Uint8Array
}

interface Register {
  [word: number]: number
}

export interface V86Internals {
  bus: { send(event: string, data: Uint8Array): void }
  v86: {
    /** Makes v86 call `yield_callback(tick)` after `delay` milliseconds. */
    yield(delay: number, tick: number): void
    yield_callback(tick: number): void
    /** Frees what `yield` uses. */
    unregister_yield(): void
    cpu: Cpu
  }
}

export function internalsOf(emulator: V86): V86Internals {
  const { bus, v86 } = emulator as unknown as Partial<V86Internals>
  const cpu = v86?.cpu
  const device = cpu?.devices?.virtio_console
  const whole =
    typeof bus?.send === 'function' &&
    typeof v86?.yield === 'function' &&
    typeof v86.yield_callback === 'function' &&
    typeof v86.unregister_yield === 'function' &&
    cpu !== undefined &&
    hasRegisters(cpu) &&
    typeof device?.SendEvent === 'function' &&
    typeof device.virtio?.queues?.[0]?.has_request === 'function'
  if (!whole) {
    throw new EngineError('internal', 'this version of v86 lacks the internals that web/src/vm relies on')
  }
  return emulator as unknown as V86Internals
}

const REGISTERS = ['last_result', 'fpu_status_word', 'mxcsr'] as const

const hasRegisters = (cpu: Partial<Cpu>): boolean =>
  cpu.in_hlt !== undefined &&
  typeof cpu.mem8?.byteOffset === 'number' &&
  typeof cpu.pack_memory === 'function' &&
  typeof cpu.store_current_tsc === 'function' &&
  typeof cpu.set_tsc === 'function' &&
  cpu.current_tsc?.length === 2 &&
  REGISTERS.every((name) => typeof cpu[name]?.[0] === 'number')

/**
 * v86 0.5.462 restores these registers by putting the saved array in the place of the view, so that the processor keeps
 * its own value, and every later save has the first one's. @returns what puts values and views where they belong
 */
export function keepRegisters(cpu: Pick<Cpu, (typeof REGISTERS)[number]>): () => void {
  const views = REGISTERS.map((name) => [name, cpu[name]] as const)
  return () => {
    for (const [name, view] of views) {
      const restored = cpu[name][0]!
      cpu[name] = view
      view[0] = restored
    }
  }
}

/**
 * v86 0.5.462 sets its time-stamp counter right only while its offset is zero: `set_tsc` leaves out the one that was there,
 * so that a second state restored would have a counter behind its memory, and a task that ran when it was saved would wait
 * for as long as the machine had been up. Setting it to what it is makes the offset zero.
 */
export function forgetTscOffset(cpu: Pick<Cpu, 'store_current_tsc' | 'current_tsc' | 'set_tsc'>): void {
  cpu.store_current_tsc()
  cpu.set_tsc(cpu.current_tsc[0]!, cpu.current_tsc[1]!)
}

/** Bytes. */
const PAGE = 4096

/** Lets v86 save a state that has no pages of memory. */
export async function withoutMemory<State>(
  cpu: Pick<Cpu, 'mem8' | 'pack_memory'>,
  save: () => Promise<State>,
): Promise<State> {
  const pack = cpu.pack_memory
  const bitmap = { get_buffer: () => new ArrayBuffer(cpu.mem8.length / PAGE / 8) }
  cpu.pack_memory = () => ({ bitmap, packed_memory: new Uint8Array(0) })
  try {
    return await save()
  } finally {
    cpu.pack_memory = pack
  }
}

/** VIRTIO_CONSOLE_CONSOLE_PORT: the port is to be a terminal (hvc) in the guest. */
const CONSOLE_PORT = 4

/**
 * Makes port 0 the only terminal and the others plain ports (/dev/vport1p<n>). As terminals they would pass 16 bytes at
 * a time through the guest's line discipline, which is some 15 times slower. Must be called before the guest's driver
 * starts.
 */
export function keepPortsPlain(device: VirtioConsole): void {
  const send = device.SendEvent.bind(device)
  device.SendEvent = (port, event, value) => {
    if (event !== CONSOLE_PORT || port === 0) send(port, event, value)
  }
}
