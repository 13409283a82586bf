import { Duplex } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { useUnpacker, type Unpacker } from '../../../web/src/storage/gunzip.ts'

/** Bytes unpacked per turn of the event loop, which the machine shares. */
const CHUNK = 1 << 20

/** Makes this process unpack chunks and layers in large steps: see useUnpacker. */
export function useNodeUnpacker(): void {
  useUnpacker(() => Duplex.toWeb(createGunzip({ chunkSize: CHUNK })) as unknown as Unpacker)
}
