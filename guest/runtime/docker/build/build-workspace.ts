/**
 * A build's own directory in the guest: context, scratch layers, mounts. It exists exactly as long as the build runs,
 * so one that an engine finds at its start belongs to a build that died with the engine before it.
 */
import type { Digest } from '../../../protocol/api/content.ts'
import { RootedTree } from '../../host/files/rooted-tree.ts'
import type { EngineContext } from '../state/context.ts'
import { layerDirectories } from '../layer/layered-root.ts'
import { removeMountedTree, unmountPlan } from '../layer/remove-mounted-tree.ts'
import { O } from '../../plan/linux-constants.ts'
import { SLOT, type HostPlan } from '../../plan/plan.ts'
import { overlayStep } from '../../oci/rootfs/overlay-step.ts'
import type { TreeUse } from './build-host.ts'

type Deps = Pick<EngineContext, 'paths' | 'files' | 'launcher'>

const PREFIX = 'docker-builder'

export const workspaceRoot = ({ paths }: Pick<Deps, 'paths'>): string => `${paths.dataRoot}/tmp`

export interface Scratch {
  /** The overlay's upper and work directories. */
  diff: string
  work: string
}

export class BuildWorkspace {
  readonly id: string
  readonly directory: string
  readonly #deps: Deps
  #count = 0

  private constructor(deps: Deps, id: string) {
    this.#deps = deps
    this.id = id
    this.directory = `${workspaceRoot(deps)}/${PREFIX}${id}`
  }

  static async make(deps: Deps, id: string): Promise<BuildWorkspace> {
    const workspace = new BuildWorkspace(deps, id)
    await deps.files.makeDirectory(workspace.directory, 0o755)
    return workspace
  }

  /** Makes a new directory, whose name begins with `name`. */
  async makeDirectory(name: string): Promise<string> {
    const path = `${this.directory}/${name}${this.#count++}`
    await this.#deps.files.makeDirectory(path, 0o755)
    return path
  }

  async scratch(): Promise<Scratch> {
    const directory = await this.makeDirectory('layer')
    const [diff, work] = [`${directory}/diff`, `${directory}/work`]
    await this.#deps.files.makeDirectory(diff, 0o755)
    await this.#deps.files.makeDirectory(work, 0o700)
    return { diff, work }
  }

  /**
   * Mounts layers as one tree.
   * @param layers topmost first
   * @param upper makes the tree writable
   */
  async mount(layers: readonly Digest[], upper?: Scratch): Promise<TreeUse> {
    const lower = layerDirectories(this.#deps.paths, layers)
    if (!upper && lower.length === 1) return { tree: new RootedTree(lower[0]!), close: async () => undefined }
    const target = await this.makeDirectory('mount')
    const overlay = { lower, ...(upper && { upper: upper.diff, work: upper.work }) }
    await this.#deps.launcher.run({ steps: [overlayStep(overlay, target)] })
    return {
      tree: new RootedTree(target),
      close: async () => void (await this.#deps.launcher.run(unmountPlan([target]))),
    }
  }

  /** Unpacks a tar archive into a directory of a tree; no name or link in the archive leads out of the tree. */
  async unpack(tree: RootedTree, to: string, tar: AsyncIterable<Uint8Array>): Promise<void> {
    const plan: HostPlan = {
      steps: [
        { op: 'open', slot: SLOT.root, path: tree.root, flags: O.PATH | O.DIRECTORY },
        { op: 'mkdir', at: SLOT.root, path: to, mode: 0o755, parents: true },
        { op: 'tar-unpack', at: SLOT.root, path: to, flags: 0 },
      ],
    }
    const { output } = await this.#deps.launcher.stream(plan, tar)
    for await (const _ of output);
  }

  /** Removes the workspace with all that is mounted in it. */
  async remove(): Promise<void> {
    await removeMountedTree(this.#deps, this.directory)
  }
}

/** Ids of builds that an engine before this one left unfinished. */
export async function abandonedBuilds(deps: Deps): Promise<string[]> {
  const root = workspaceRoot(deps)
  if (!(await deps.files.exists(root))) return []
  const names = await deps.files.list(root)
  return names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length))
}

export const removeWorkspace = (deps: Deps, id: string): Promise<void> =>
  removeMountedTree(deps, `${workspaceRoot(deps)}/${PREFIX}${id}`)
