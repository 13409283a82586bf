/** Runs builds, from the request to the tagged image. */
import type { Digest, ImageRecord, RegistryCredentials } from '../../../protocol/api/content.ts'
import type { AuthConfig, JsonProgress } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ImageService } from '../image/image-service.ts'
import {
  type ImageReference,
  familiarReference,
  parseReference,
  withDefaultTag,
} from '../../../vocabulary/image-reference.ts'
import type { EngineContext } from '../state/context.ts'
import { randomId } from '../state/ids.ts'
import { removeContainer } from '../container/remove-container.ts'
import { readContext, receiveContext, type BuildContext } from './build-context.ts'
import type { BuildOptions } from './build-options.ts'
import { BuildOutput } from './build-output.ts'
import { shortImage } from './build-state.ts'
import { abandonedBuilds, BuildWorkspace, removeWorkspace, workspaceRoot } from './build-workspace.ts'
import type { ChecksumCache } from './steps/copy-sources.ts'
import { EngineBuildHost } from './engine-build-host.ts'
import { evaluateDockerfile } from './evaluate-dockerfile.ts'
import { remoteContext } from './remote-context.ts'

export interface BuildRequest {
  options: BuildOptions
  body: AsyncIterable<Uint8Array>
  /** Aborted when the client has gone. */
  signal: AbortSignal
}

/** The number of images whose files' checksums are remembered. */
const REMEMBERED_IMAGES = 32

function tagsOf(names: readonly string[]): ImageReference[] {
  const tags = names.filter((name) => name !== '').map((name) => parseReference(name))
  if (tags.some(({ digest }) => digest !== undefined))
    throw new EngineError('invalid', 'build tag cannot contain a digest')
  const named = new Map(tags.map(withDefaultTag).map((tag) => [familiarReference(tag), tag]))
  return [...named.values()]
}

const DOCKER_HUB = 'https://index.docker.io/v1/'

/**
 * Looks up a registry's credentials as the client's X-Registry-Config names registries: by host, Docker Hub by its old
 * address.
 */
function credentialsFrom(auth: Record<string, AuthConfig>) {
  return (registry: string): RegistryCredentials | undefined => {
    const names = registry === 'docker.io' ? [DOCKER_HUB, registry] : [registry, `https://${registry}`]
    const found = names.map((name) => auth[name]).find((entry) => entry !== undefined)
    return found?.username ? { username: found.username, password: found.password ?? '' } : undefined
  }
}

export class BuildService {
  readonly #context: EngineContext
  readonly #images: ImageService
  readonly #checksums = new Map<Digest, ChecksumCache>()
  /** Workspaces of builds that could not be removed. */
  readonly #left = new Set<BuildWorkspace>()

  constructor(context: EngineContext, images: ImageService) {
    this.#context = context
    this.#images = images
  }

  /**
   * Yields the build's lines; a failure is thrown after the last. The build leaves images and, unless they are to be
   * removed, the containers of its steps.
   */
  async *build(request: BuildRequest): AsyncGenerator<JsonProgress> {
    const abort = new AbortController()
    const signal = AbortSignal.any([request.signal, abort.signal])
    const output = new BuildOutput()
    const finished = this.#run({ ...request, signal }, output).finally(() => output.end())
    // The rejection is handled below, once the lines are read.
    finished.catch(() => undefined)
    try {
      yield* output.lines()
      await finished
    } finally {
      // A reader that leaves early stops the build; the build's clean-up is waited for.
      abort.abort()
      await finished.catch(() => undefined)
    }
  }

  async #run(request: BuildRequest, output: BuildOutput): Promise<void> {
    const tags = tagsOf(request.options.tags)
    const workspace = await BuildWorkspace.make(this.#context, randomId(this.#context.random))
    let image: ImageRecord
    try {
      image = await this.#evaluate(request, output, workspace)
    } finally {
      await this.#leave(workspace)
    }
    if (!request.options.quiet) await output.stdout(`Successfully built ${shortImage(image)}\n`)
    for (const tag of tags) {
      const name = familiarReference(tag)
      await this.#images.tag(image.id, name, '')
      if (!request.options.quiet) await output.stdout(`Successfully tagged ${name}\n`)
    }
    if (request.options.quiet) await output.stdout(`${image.id}\n`)
  }

  /**
   * Never rejects: the outcome of the build stands. A workspace that could not be removed is removed with the next
   * build's.
   */
  async #leave(workspace: BuildWorkspace): Promise<void> {
    for (const one of new Set([workspace, ...this.#left])) {
      try {
        await one.remove()
        this.#left.delete(one)
      } catch (error) {
        this.#left.add(one)
        this.#context.report(`the place of build ${one.id}`, error)
      }
    }
  }

  async #evaluate(
    { options, body, signal }: BuildRequest,
    output: BuildOutput,
    workspace: BuildWorkspace,
  ): Promise<ImageRecord> {
    const host = new EngineBuildHost({
      ...{ context: this.#context, images: this.#images, workspace, signal },
      checksums: this.#remembered(),
      credentials: credentialsFrom(options.auth),
    })
    const lines = options.quiet ? new QuietOutput(output) : output
    const context: Partial<BuildContext> & Pick<BuildContext, 'dockerfile'> =
      options.remote === ''
        ? readContext(await receiveContext(workspace, body), options)
        : await remoteContext(workspace, host, options, output)
    const { dockerfile, tree } = context
    try {
      return await evaluateDockerfile({ dockerfile, context: tree, options, host, output: lines, signal })
    } catch (thrown) {
      if (lines instanceof QuietOutput) await lines.replay()
      throw thrown
    }
  }

  #remembered(): Map<Digest, ChecksumCache> {
    for (const image of [...this.#checksums.keys()].slice(0, -REMEMBERED_IMAGES))
      this.#checksums.delete(image)
    return this.#checksums
  }

  /** Removes the containers, mounts and files that an engine before this one left unfinished. */
  async recover(): Promise<void> {
    const { containers } = this.#context
    for (const id of await abandonedBuilds(this.#context)) {
      for (const container of containers.all().filter(({ record }) => record.build === id))
        await removeContainer(this.#context, container, { force: true, volumes: true })
      await removeWorkspace(this.#context, id)
    }
    // Downloads of an import that died with that engine lie here too.
    await this.#context.files.removeTree(workspaceRoot(this.#context))
  }
}

/** The output of `-q`: its lines are kept, and shown only when the build fails. */
class QuietOutput extends BuildOutput {
  readonly #to: BuildOutput
  readonly #kept: JsonProgress[] = []

  constructor(to: BuildOutput) {
    super()
    this.#to = to
  }

  override async write(line: JsonProgress): Promise<void> {
    this.#kept.push(line)
  }

  async replay(): Promise<void> {
    for (const line of this.#kept) await this.#to.write(line)
  }
}
