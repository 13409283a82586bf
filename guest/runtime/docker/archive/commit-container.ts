/** `POST /commit`. Source: moby, daemon/commit.go. */
import type { Digest, ImageRecord } from '../../../protocol/api/content.ts'
import type { ContainerConfig } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { applyChanges } from '../build/apply-changes.ts'
import { formatTime } from '../../host/clock.ts'
import {
  familiarReference,
  formatReference,
  parseReference,
  refuseAmbiguousTag,
  repoTagReference,
} from '../../../vocabulary/image-reference.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { pauseContainer, unpauseContainer } from '../container/pause-container.ts'
import { executionConfig, imageConfig, mergeExecution } from './image-config.ts'
import { isEmptyLayer, storeUpperLayer, type StoredLayer } from '../layer/store-layer.ts'

export interface CommitOptions {
  /** `name` or `name:tag`; empty for no name. */
  repository: string
  tag: string
  author: string
  comment: string
  /** Freezes the container's processes during the commit. */
  pause: boolean
  /** Dockerfile instructions. */
  changes: readonly string[]
  /** Replaces the container's own configuration; undefined: the container's. */
  config: Partial<ContainerConfig> | undefined
}

/**
 * The full reference of the new image; undefined when no name is given.
 * @throws EngineError `invalid` in Docker's words
 */
export function newReference(repository: string, tag: string): string | undefined {
  if (repository === '') return undefined
  const reference = repoTagReference(repository, tag)
  refuseAmbiguousTag(reference)
  return formatReference(reference)
}

/** Docker marks a container dead before its files go, so both states answer the same. */
function refuseLeaving(container: Container): void {
  if (container.isLeaving)
    throw new EngineError('conflict', `You cannot commit container ${container.id} which is Dead`)
}

const isPaused = ({ record }: Container): boolean => record.state.status === 'paused'

/** Ignores that the container ended in the moment of its pause: nothing writes to its files then either. */
async function unlessEnded(change: Promise<void>): Promise<void> {
  try {
    await change
  } catch (error) {
    if (!(error instanceof EngineError && error.details['state'] === 'exited')) throw error
  }
}

/** The container runs, or would run if an earlier commit could have thawed it. */
const isPausedBySelf = ({ record }: Container): boolean =>
  record.state.status === 'running' || (record.state.status === 'paused' && record.pausedForCommit === true)

async function changesOf(context: EngineContext, container: Container, pause: boolean): Promise<StoredLayer> {
  const { record } = container
  if (!pause || !isPausedBySelf(container)) return storeUpperLayer(context, container)
  record.pausedForCommit = true
  try {
    if (!isPaused(container)) await unlessEnded(pauseContainer(context, container))
    return await storeUpperLayer(context, container)
  } finally {
    // The container may have been unpaused, or killed, meanwhile. If it stays frozen, the next commit or the next
    // engine thaws it.
    if (isPaused(container)) await unlessEnded(unpauseContainer(context, container))
    delete record.pausedForCommit
  }
}

/**
 * The image that the container was made from; undefined for a container without one.
 * @throws EngineError `not-found` when the image was removed by force: a configuration cannot be built on it any more
 */
async function parentOf(context: EngineContext, { record }: Container): Promise<ImageRecord | undefined> {
  if (record.image === '') return undefined
  return context.images.find(record.image)
}

export async function commitContainer(
  context: EngineContext,
  container: Container,
  options: CommitOptions,
  added: (image: ImageRecord) => void,
): Promise<Digest> {
  refuseLeaving(container)
  const reference = newReference(options.repository, options.tag)
  const own = executionConfig(container.record.config)
  const config = mergeExecution(applyChanges(executionConfig(options.config ?? own), options.changes), own)
  const parent = await parentOf(context, container)
  const layer = await changesOf(context, container, options.pause)
  const changed = isEmptyLayer(layer) ? undefined : layer
  const image = await context.content.createImage(
    imageConfig({
      ...(parent && { parent }),
      config,
      layer: changed?.diffId,
      created: formatTime(context.clock.now()),
      createdBy: (container.record.config.Cmd ?? []).join(' '),
      author: options.author,
      comment: options.comment,
    }),
    [...(parent?.layers ?? []).map(({ digest }) => digest), ...(changed ? [changed.digest] : [])],
    reference,
    // As dockerd has it: the image has a parent, but no step of a build finds it.
    parent && { parent: parent.id, key: '' },
  )
  added(image)
  const name = reference === undefined ? '' : familiarReference(parseReference(reference))
  context.events.publish('image', 'create', image.id, { name: image.id })
  if (name !== '') context.events.publish('image', 'tag', image.id, { name })
  const attributes = { comment: options.comment, imageID: image.id, imageRef: name }
  publishContainerEvent(context, container, 'commit', attributes)
  return image.id
}
