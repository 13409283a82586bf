/** The machine side of a page in Node: boots the guest from a built site and gives access to its engine. */
import type { ByteStream, StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import type { EngineTransport } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { collectExec, type ExecResult } from '../../../web/src/client/exec-process.ts'
import { HttpTransport } from '../../../web/src/client/http-transport.ts'
import type { SiteFiles } from '../../../web/src/catalogue/catalogue.ts'
import type { KeyValueStore } from '../../../web/src/storage/key-value-store.ts'
import { NO_CHUNK_STORE } from '../../../web/src/trees/memory-chunk-store.ts'
import { MemoryKeyValueStore } from '../../../web/src/storage/memory-key-value-store.ts'
import type { OnBootProgress } from '../../../web/src/vm/boot-progress.ts'
import { openGuest } from '../../../web/src/vm/guest.ts'
import type { Guest } from '../../../web/src/vm/guest.ts'
import type { SavedMachine } from '../../../web/src/vm/saved-machine.ts'
import { note } from '../log.ts'
import { useNodeUnpacker } from '../trees/node-unpacker.ts'
import { publicDir } from '../paths.ts'
import { siteFolder } from '../site-folder.ts'
import { compileForNode } from './compile-for-node.ts'

export interface HeadlessOptions {
  /** Boot without the snapshot. */
  cold?: boolean
  /** MiB. */
  memory?: number
  /** guest/ and images/; default: the folder public. */
  files?: SiteFiles
  onProgress?: OnBootProgress
  /** When false, starts with the console alone. */
  waitForEngine?: boolean
  /**
   * Keeps what a page keeps over its reload, images and volumes; by default the machine has a memory of its own for
   * them.
   */
  keyValues?: KeyValueStore
  /** A machine to go on with. */
  saved?: SavedMachine
}

/** Bytes, enough for all that a warm guest reads, so that nothing is unpacked twice. */
const BLOCK_CACHE = 256 * 1024 * 1024

export class HeadlessMachine {
  readonly guest: Guest
  /** The Engine API, over channel streams. */
  readonly transport: EngineTransport

  private constructor(guest: Guest) {
    this.guest = guest
    this.transport = new HttpTransport(() => this.openStream({ service: 'engine' }))
  }

  /** Resolves once the guest's engine answers. */
  static async start(options: HeadlessOptions = {}): Promise<HeadlessMachine> {
    useNodeUnpacker()
    const guest = await openGuest({
      files: options.files ?? siteFolder(publicDir),
      wasm: compileForNode,
      keyValues: options.keyValues ?? new MemoryKeyValueStore(),
      chunks: NO_CHUNK_STORE,
      blockCache: BLOCK_CACHE,
      onProgress: options.onProgress ?? (() => undefined),
      onFileError: (error) => note(`porthole: ${error.message}`),
      memory: options.memory,
      cold: options.cold,
      waitForEngine: options.waitForEngine,
      saved: () => Promise.resolve(options.saved),
    })
    return new HeadlessMachine(guest)
  }

  openStream(open: StreamOpen): Promise<ByteStream> {
    return this.guest.machine.openStream(open)
  }

  /** Runs a shell command in the guest as root, collecting its output. A failing command is a result, not an error. */
  exec(command: string): Promise<ExecResult> {
    return collectExec(this.transport, ['/bin/sh', '-c', command])
  }

  /** Trimmed standard output of a command that must succeed. */
  async output(command: string): Promise<string> {
    const { code, stdout, stderr } = await this.exec(command)
    if (code !== 0)
      throw new EngineError('internal', `«${command}» failed in the guest: exit ${code}\n${stdout}${stderr}`)
    return stdout.trim()
  }

  /** Ends the machine; every pending call and stream is rejected. */
  async close(): Promise<void> {
    await this.guest.machine.shutdown()
    this.guest.volumes.close()
  }
}
