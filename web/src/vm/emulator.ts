/**
 * v86 as this project uses it: no screen, disk, sound or network card; four virtio consoles, one 9P channel, ACPI for
 * long idle sleeps. Everything that talks to v86 itself is in this file and v86-internals.ts.
 */
import { V86 } from 'v86'
import type { V86Options } from 'v86'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { NineServer } from '../nine/nine-server.ts'
import { ConsolePort } from './console-port.ts'
import { addTranslationSlots } from './translation-slots.ts'
import {
  forgetTscOffset,
  internalsOf,
  keepPortsPlain,
  keepRegisters,
  withoutMemory,
} from './v86-internals.ts'
import type { V86Internals } from './v86-internals.ts'
import { yieldInPlace, type Workload } from './yield-in-place.ts'
import { ZeroingGate } from './zeroing-gate.ts'

export interface ColdBootImages {
  bios: Uint8Array
  vgaBios: Uint8Array
  kernel: Uint8Array
  initramfs: Uint8Array
  commandLine: string
}

export interface EmulatorOptions {
  wasm: WebAssembly.Module
  /** MiB. */
  memory: number
  nine: NineServer
  /** Absent for a machine that will be restored. */
  cold?: ColdBootImages
}

const MIB = 1024 * 1024
/** Bytes, the fewest that v86 takes; every saved state contains all of them. */
const VGA_MEMORY = 256 * 1024
const IDLE: Workload = { quietFor: () => Infinity, worked: () => 0 }
/** Translations; more than a guest that does everything at once has hot pages of code. */
const SLOTS = 6000

export class Emulator {
  readonly #v86: V86
  readonly #internals: V86Internals
  readonly #gate: ZeroingGate
  readonly #nine: NineServer
  readonly #fresh: boolean
  #hasRun = false
  readonly #ramSize: number
  readonly memory: WebAssembly.Memory
  /** In Node, where v86 yields by itself, the guest always counts as idle, and as one that has never worked. */
  readonly workload: Workload

  private constructor(v86: V86, gate: ZeroingGate, options: EmulatorOptions) {
    this.#v86 = v86
    this.#internals = internalsOf(v86)
    this.workload = 'setImmediate' in globalThis ? IDLE : yieldInPlace(this.#internals.v86)
    keepPortsPlain(this.#internals.v86.cpu.devices.virtio_console)
    this.#gate = gate
    this.#nine = options.nine
    this.#fresh = !options.cold
    this.#ramSize = options.memory * MIB
    this.memory = gate.memory()
    addTranslationSlots(gate.room(), this.#internals.v86.cpu.mem8.byteOffset, SLOTS)
  }

  /** Resolves with a machine that does not run yet. */
  static async create(options: EmulatorOptions): Promise<Emulator> {
    const gate = new ZeroingGate(options.wasm)
    const v86 = new V86(v86Options(options, gate))
    await Promise.race([new Promise((resolve) => v86.add_listener('emulator-loaded', resolve)), gate.failed])
    return new Emulator(v86, gate, options)
  }

  /** Port 0 is the kernel's console, port 1 the channel, port 2 the repairs: guest/protocol/paths.ts. */
  port(number: number): ConsolePort {
    return new ConsolePort(this.#v86, this.#internals, number)
  }

  async run(): Promise<void> {
    this.#hasRun = true
    await this.#v86.run()
  }

  async stop(): Promise<void> {
    await this.#v86.stop()
  }

  async destroy(): Promise<void> {
    await this.#v86.destroy()
  }

  /** How many instructions the guest's processor has executed, modulo 2^32. */
  get instructions(): number {
    return this.#v86.get_instruction_counter() >>> 0
  }

  get running(): boolean {
    return this.#v86.is_running()
  }

  /**
   * Fills a machine that was created without `cold` and has never run, from a state of `save` or, after one of these, of
   * `saveDevices`. Its memory is all zero already, so v86's own
   * zeroing, which would make every page of it resident, is skipped.
   */
  async restore(state: ArrayBuffer): Promise<void> {
    if (!this.#fresh || this.#hasRun)
      throw new EngineError('internal', 'only a fresh machine can be restored')
    const repairRegisters = keepRegisters(this.#internals.v86.cpu)
    forgetTscOffset(this.#internals.v86.cpu)
    await this.#gate.withoutZeroing(() => this.#v86.restore_state(state))
    repairRegisters()
  }

  /**
   * Saves the machine's state and stops the machine. It waits until the processor is in HLT (v86 does not restore
   * everything that an instruction in flight needs) and no 9P request is under way; a busy guest keeps it waiting.
   */
  async save(): Promise<ArrayBuffer> {
    await this.#settle('halted')
    return this.#v86.save_state()
  }

  /**
   * Saves registers and devices; memory is in `ram` then, and `restore` of this leaves it as it is. A busy guest is stopped
   * between two instructions, since v86 runs no events within one.
   */
  async saveDevices(): Promise<ArrayBuffer> {
    await this.#settle('stopped')
    return withoutMemory(this.#internals.v86.cpu, () => this.#v86.save_state())
  }

  /** The guest's memory. To be asked for each time: a view has nothing in it once the emulator's own memory has grown. */
  get ram(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(
      this.memory.buffer as ArrayBuffer,
      this.#internals.v86.cpu.mem8.byteOffset,
      this.#ramSize,
    )
  }

  async #settle(until: 'halted' | 'stopped'): Promise<void> {
    for (;;) {
      await this.#nine.idle()
      await this.#v86.stop()
      const settled = until === 'stopped' || this.#internals.v86.cpu.in_hlt[0]
      if (settled && (await this.#nineIsIdle())) return
      await this.#v86.run()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  async #nineIsIdle(): Promise<boolean> {
    const idle = this.#nine.idle().then(() => true)
    return Promise.race([idle, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 0))])
  }
}

function v86Options({ memory, nine, cold }: EmulatorOptions, gate: ZeroingGate): V86Options {
  return {
    wasm_fn: (imports) => gate.instantiate(imports),
    memory_size: memory * MIB,
    vga_memory_size: VGA_MEMORY,
    acpi: true,
    autostart: false,
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
    fastboot: true,
    virtio_console: { type: 'none' },
    // Any unknown name gives no network card; without a name v86 adds an NE2000.
    net_device: { type: 'none' as 'virtio' },
    filesystem: {
      handle9p: (request, reply) => nine.respond(request, reply),
    },
    ...(cold && {
      bios: { buffer: bufferOf(cold.bios) },
      vga_bios: { buffer: bufferOf(cold.vgaBios) },
      bzimage: { buffer: bufferOf(cold.kernel) },
      initrd: { buffer: bufferOf(cold.initramfs) },
      cmdline: cold.commandLine,
    }),
  }
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
