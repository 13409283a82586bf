/** The worker's entry point: a MachineHost on this browser's network and storage, behind comlink. */
import wasmUrl from 'v86/build/v86.wasm?url'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { HttpSite } from '../catalogue/http-site.ts'
import { IndexedDbStore } from '../storage/indexed-db-store.ts'
import { compileV86 } from '../vm/compile-v86.ts'
import { openGuest } from '../vm/guest.ts'
import { exposeHost } from './expose-host.ts'
import { MachineHost } from './machine-host.ts'

async function downloadV86(onBytes: (bytes: number) => void): Promise<WebAssembly.Module> {
  const response = await fetch(wasmUrl)
  if (!response.ok)
    throw new EngineError('unavailable', `${wasmUrl} could not be downloaded: ${response.status}`)
  const bytes = await response.arrayBuffer()
  onBytes(bytes.byteLength)
  return compileV86(new Uint8Array(bytes))
}

const host = new MachineHost({
  site: (baseUrl, isKept) => new HttpSite(baseUrl, isKept ? 'no-store' : 'default'),
  openStore: () => new IndexedDbStore('porthole'),
  // Absent on plain HTTP.
  locks: (navigator as { locks?: LockManager }).locks,
  wasm: downloadV86,
  now: () => performance.now(),
  openGuest,
})

exposeHost(host)
