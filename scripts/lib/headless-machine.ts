/** The machine side of a page, in Node: boots the guest from a built site and gives access to its engine. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { ByteStream, StreamHandler, StreamOpen } from '../../guest/protocol/byte-stream.ts'
import { EngineError } from '../../guest/protocol/errors.ts'
import { BlockCache } from '../../web/src/layers/block-cache.ts'
import { NO_LAYERS } from '../../web/src/layers/root-tree.ts'
import type { OnBootProgress } from '../../web/src/vm/boot-progress.ts'
import { openGuest } from '../../web/src/vm/guest.ts'
import type { Guest } from '../../web/src/vm/guest.ts'
import { publicDir } from './paths.ts'
import { noChunkStore, siteFolder } from './site-folder.ts'

export interface HeadlessOptions {
  /** Boot without the snapshot. */
  cold?: boolean
  /** MiB. */
  memory?: number
  /** The folder that holds guest/ and images/; default: public. */
  site?: string
  onProgress?: OnBootProgress
}

/** Unpacked chunks kept in memory: all that a warm guest reads, so that a test does not gunzip twice. */
const BLOCK_CACHE = 256 * 1024 * 1024

export class HeadlessMachine {
  readonly guest: Guest

  private constructor(guest: Guest) {
    this.guest = guest
  }

  /** Resolves once the guest's engine answers. */
  static async start(options: HeadlessOptions = {}): Promise<HeadlessMachine> {
    const guest = await openGuest({
      read: siteFolder(options.site ?? publicDir),
      wasm: compileV86,
      chunks: noChunkStore,
      blocks: new BlockCache(BLOCK_CACHE),
      layers: NO_LAYERS,
      onStream: noContent,
      onProgress: options.onProgress ?? (() => undefined),
      onFileError: (error) => process.stderr.write(`porthole: ${error.message}\n`),
      memory: options.memory,
      cold: options.cold,
    })
    return new HeadlessMachine(guest)
  }

  openStream(open: StreamOpen): Promise<ByteStream> {
    return this.guest.machine.openStream(open)
  }

  /** Every pending call and stream is rejected. */
  async close(): Promise<void> {
    await this.guest.machine.shutdown()
  }
}

async function compileV86(): Promise<WebAssembly.Module> {
  const file = fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86')))
  return WebAssembly.compile(await readFile(file))
}

const noContent: StreamHandler = () => {
  throw new EngineError('not-supported', 'this machine has no content store')
}
