/** Decides what `docker rmi` removes. Source: daemon/images/image_delete.go. Pure. */
import type { ImageRecord } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import {
  familiarReference,
  familiarRepository,
  formatReference,
  parseReference,
  withDefaultTag,
} from '../../../vocabulary/image-reference.ts'

export interface ImageUser {
  containerId: string
  running: boolean
  /** The container was not made from the image, but mounts it. */
  mounts?: boolean
}

export interface RemovalCircumstances {
  force: boolean
  users: ImageUser[]
  /** Other images were built on it. */
  children: boolean
}

export interface RemovalPlan {
  /** Full references to drop, in order. */
  untag: string[]
  /** Whether the image itself goes. */
  remove: boolean
}

const short = (id: string) => id.replace(/^sha256:/, '').slice(0, 12)

const conflict = (message: string) => new EngineError('conflict', `conflict: ${message}`)

/**
 * Refuses to remove an image that a running container was made from, forced or not, and one that a stopped container
 * was made from, unless forced. A container that mounts the image keeps its layers, so moby lets the image go by its
 * id.
 */
function checkUsers({ id }: ImageRecord, every: ImageUser[], force: boolean): void {
  const users = every.filter(({ mounts }) => mounts !== true)
  const running = users.find((user) => user.running)
  if (running)
    throw conflict(
      `unable to delete ${short(id)} (cannot be forced) - image is being used by running container ${short(running.containerId)}`,
    )
  if (users[0] && !force)
    throw conflict(
      `unable to delete ${short(id)} (must be forced) - image is being used by stopped container ${short(users[0].containerId)}`,
    )
}

function isIdOf({ id }: ImageRecord, text: string): boolean {
  return id.startsWith(text) || id.startsWith(`sha256:${text}`)
}

/**
 * Plans a removal.
 * @param text what the user typed, which decides between untagging and deleting
 */
export function removalPlan(
  image: ImageRecord,
  text: string,
  { force, users, children }: RemovalCircumstances,
): RemovalPlan {
  const { references } = image
  if (isIdOf(image, text) && !references.some((reference) => isNamed(reference, text))) {
    if (children)
      throw conflict(
        `unable to delete ${short(image.id)} (cannot be forced) - image has dependent child images`,
      )
    const repositories = new Set(references.map((reference) => familiarRepository(parseReference(reference))))
    if (repositories.size > 1 && !force)
      throw conflict(
        `unable to delete ${short(image.id)} (must be forced) - image is referenced in multiple repositories`,
      )
    checkUsers(image, users, force)
    return { untag: references, remove: true }
  }
  const reference = formatReference(withDefaultTag(parseReference(text)))
  const named = references.includes(reference) ? [reference] : references
  const last = references.length <= named.length
  if (!last) return { untag: named, remove: false }
  if (users[0] && !force)
    throw conflict(
      `unable to remove repository reference "${familiar(text)}" (must force) - container ${short(users[0].containerId)} is using its referenced image ${short(image.id)}`,
    )
  // With force the tag goes; the image stays for as long as a container runs from it or another image needs it.
  return {
    untag: named,
    remove: !children && !users.some(({ running, mounts }) => running && mounts !== true),
  }
}

const familiar = (text: string) => familiarReference(parseReference(text))

function isNamed(reference: string, text: string): boolean {
  try {
    return formatReference(withDefaultTag(parseReference(text))) === reference
  } catch (error) {
    // A text that is no reference is an id.
    if (EngineError.from(error).code === 'invalid') return false
    throw error
  }
}
