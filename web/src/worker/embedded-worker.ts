/**
 * The entry point of the worker in porthole.html, which is opened from a file: nothing can be fetched there, so that the
 * page sends all files in its first message.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { wholeFiles } from '../catalogue/catalogue.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { compileV86 } from '../vm/compile-v86.ts'
import { openGuest } from '../vm/guest.ts'
import { exposeHost } from './expose-host.ts'
import { MachineHost } from './machine-host.ts'
import { WithoutChunks } from './without-chunks.ts'

/** The first message of the page: files by their paths in the site. */
export interface EmbeddedFiles {
  files: ReadonlyMap<string, Blob>
}

/** Bytes of images and volumes that a page without a server may have in memory. */
const MAX_MEMORY = 256 << 20

const files = new Promise<ReadonlyMap<string, Blob>>((resolve) => {
  addEventListener('message', ({ data }: MessageEvent<EmbeddedFiles>) => resolve(data.files), { once: true })
})

async function read(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const blob = (await files).get(path)
  if (blob === undefined)
    throw new EngineError('unavailable', `${path} was left out of this file, to keep it small`, {
      file: path,
      status: 404,
    })
  return new Uint8Array(await blob.arrayBuffer())
}

exposeHost(
  new MachineHost({
    site: () => wholeFiles(read),
    openStore: () => new WithoutChunks(new MemoryKeyValueStore(MAX_MEMORY)),
    wasm: async () => compileV86(await read('v86.wasm')),
    now: () => performance.now(),
    openGuest,
  }),
)
