/** Replaces a running container's sandbox, when a network is connected or disconnected. */
import type { HostPlan } from '../../plan/plan.ts'
import { UndoStack } from '../../../vocabulary/undo-stack.ts'
import type { NetworkDeps } from './network-deps.ts'
import type { SandboxRecord } from './network-records.ts'
import type { NetworkStore } from './network-store.ts'
import { moveProxied } from './sandbox-ports.ts'

type Deps = Pick<NetworkDeps, 'launcher' | 'proxy' | 'report'>

/** Undoes a plan, as far as it has been done. */
async function undoPlan({ launcher }: Deps, { undo = [] }: HostPlan): Promise<void> {
  if (undo.length > 0) await launcher.run({ steps: undo.map((step) => ({ ...step, tolerate: 'any' })) })
}

/**
 * Changes record, proxied ports, and the kernel by the plan, in this order; when one of them fails, all are as they
 * were.
 * @throws what failed
 */
export async function replaceSandbox(
  deps: Deps,
  store: NetworkStore,
  sandbox: SandboxRecord,
  next: SandboxRecord,
  plan: HostPlan,
): Promise<void> {
  const undo = new UndoStack()
  try {
    undo.push('its record', () => store.setSandbox(sandbox))
    await store.setSandbox(next)
    undo.push('its published ports', () => moveProxied(deps.proxy, next, sandbox))
    await moveProxied(deps.proxy, sandbox, next)
    // The launcher undoes a plan that fails, but a plan whose answer is lost may have succeeded.
    undo.push('its interface', () => undoPlan(deps, plan))
    await deps.launcher.run(plan)
  } catch (error) {
    for (const failure of await undo.unwind())
      deps.report(`the network sandbox of container ${sandbox.containerId}`, failure)
    throw error
  }
}
