/** Relates images to the images that they were built from, step by step. */
import type { ImageRecord } from '../../../protocol/api/content.ts'

/** Whether another image was built on this one. */
export const hasChildren = ({ id }: ImageRecord, images: readonly ImageRecord[]): boolean =>
  images.some(({ built }) => built?.parent === id)

/** Leaves out images that have no name and are only a step of another. */
export function withoutIntermediate(images: readonly ImageRecord[]): ImageRecord[] {
  const parents = new Set(images.map(({ built }) => built?.parent))
  return images.filter(({ id, references }) => references.length > 0 || !parents.has(id))
}
