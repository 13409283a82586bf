/** A network sandbox set up for a test, whose container is never launched. */
import type { NetworkService, SandboxRequest } from '../docker/network/network-api.ts'
import type { FakeKernel } from './fake-kernel.ts'

/** Sets a sandbox up, and does what the shim of its container would do. */
export async function raiseSandbox(service: NetworkService, kernel: FakeKernel, wanted: SandboxRequest) {
  const sandbox = await service.setUp(wanted)
  try {
    if (sandbox.setUp.length > 0) await kernel.run({ steps: sandbox.setUp, undo: sandbox.tearDown })
  } catch (error) {
    await service.tearDown(wanted.containerId)
    throw error
  }
  return { ...sandbox, settings: service.settings(wanted.containerId)! }
}
