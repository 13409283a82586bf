/** Opens and closes the published ports that the proxy serves for a sandbox. */
import { EngineError } from '../../../protocol/errors.ts'
import type { NetworkDeps } from './network-deps.ts'
import type { SandboxRecord } from './network-records.ts'
import { proxiedPorts } from './network-store.ts'
import { notPublished } from './sandbox.ts'

/** Opens them. Rejects in Docker's words, with nothing open, when a port can't be had. */
export async function openProxied(proxy: NetworkDeps['proxy'], sandbox: SandboxRecord): Promise<void> {
  const ports = proxiedPorts(sandbox)
  if (ports.length === 0) return
  try {
    await proxy.open(ports)
  } catch (thrown) {
    const networks = Object.values(sandbox.publishedOn)
    const via = sandbox.endpoints.find(({ networkId }) => networks.includes(networkId))!
    throw notPublished(sandbox, via, EngineError.from(thrown))
  }
}

export function closeProxied(proxy: NetworkDeps['proxy'], sandbox: SandboxRecord): void {
  proxy.close(proxiedPorts(sandbox))
}

/** Replaces the open ports by those of the new record. When they are the same, their connections go on. */
export async function moveProxied(
  proxy: NetworkDeps['proxy'],
  from: SandboxRecord,
  to: SandboxRecord,
): Promise<void> {
  if (JSON.stringify(proxiedPorts(from)) === JSON.stringify(proxiedPorts(to))) return
  closeProxied(proxy, from)
  await openProxied(proxy, to)
}
