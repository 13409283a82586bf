/** Saved machines of a few bytes, for tests of what keeps them. */
import { gzipSync } from 'node:zlib'
import { PAGE_SIZE } from '../../web/src/vm/memory-delta.ts'
import type { SavedMachine } from '../../web/src/vm/saved-machine.ts'

export const BASE = { buildId: 'b'.repeat(32), memory: 256 }

const packed = (bytes: Uint8Array) => ({ size: bytes.length, bytes: new Uint8Array(gzipSync(bytes)) })

export function savedMachine(change: Partial<SavedMachine> = {}): SavedMachine {
  return {
    ...{ format: 1, ...BASE, savedAt: 1_800_000_000_000 },
    nine: { format: 1, msize: 8192, fids: [{ fid: 1, path: '/layers/aa' }], inodes: [['debian', 0, 9]] },
    volumes: { data: ['run-1', 'run-2'] },
    devices: packed(Buffer.from('devices')),
    pages: Uint32Array.of(3, 65_535),
    zeroed: Uint32Array.of(7),
    content: packed(new Uint8Array(2 * PAGE_SIZE).fill(5)),
    sha256: 'a'.repeat(64),
    ...change,
  }
}
