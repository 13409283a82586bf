/**
 * Random bytes straight from the kernel. Not node:crypto: OpenSSL's generator lives in this process, so every restore of a
 * snapshot would continue with the same numbers; the kernel's is reseeded after a restore.
 */
import { openSync, readSync } from 'node:fs'

let descriptor: number | undefined

export function kernelRandom(count: number): Uint8Array {
  descriptor ??= openSync('/dev/urandom', 'r')
  const bytes = new Uint8Array(count)
  for (let at = 0; at < count;) at += readSync(descriptor, bytes, at, count - at, null)
  return bytes
}
