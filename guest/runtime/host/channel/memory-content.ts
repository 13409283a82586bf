/** A content store of image records alone, for unit tests and an engine on a developer's machine: nothing to pull from. */
import type { Digest, ImageRecord } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ContentClient } from './content-client.ts'

const noRegistry = () => new EngineError('not-supported', 'this content store reaches no registries')
const noBytes = () => new EngineError('not-supported', 'this content store keeps image records only')

/** @param catalogue what can be pulled */
export function memoryContent(images: ImageRecord[], catalogue: ImageRecord[] = []): ContentClient {
  let held = images.map((image) => ({ ...image, references: [...image.references] }))
  const drop = (reference: string) => {
    for (const image of held) image.references = image.references.filter((other) => other !== reference)
  }
  const add = (image: ImageRecord): ImageRecord => {
    const present = held.find(({ id }) => id === image.id)
    for (const reference of image.references) drop(reference)
    if (!present) held.push(structuredClone(image))
    else present.references.push(...image.references)
    return held.find(({ id }) => id === image.id)!
  }
  return {
    images: () => Promise.resolve(structuredClone(held)),
    async pull({ reference }, onProgress) {
      const image = catalogue.find(({ references }) => references.includes(reference))
      if (!image) {
        const repository = reference.replace(/^docker\.io\/library\//, '').replace(/:[^:/]*$/, '')
        throw new EngineError(
          'not-found',
          `pull access denied for ${repository}, repository does not exist or may require 'docker login'`,
        )
      }
      const [, name = '', tag = ''] = /^(?:[^/]+\/)?(.*):([^:]*)$/.exec(reference) ?? []
      onProgress({ status: 'Pulling from', id: tag, from: name })
      for (const { diffId } of image.layers) {
        const id = diffId.slice(7, 19)
        onProgress({
          status: held.some((other) => other.id === image.id) ? 'Already exists' : 'Pull complete',
          id,
        })
      }
      return structuredClone(add(image))
    },
    push: () => Promise.reject(noRegistry()),
    login: () => Promise.reject(noRegistry()),
    manifest: () => Promise.reject(noRegistry()),
    putManifest: () => Promise.reject(noRegistry()),
    mount: () => Promise.reject(noRegistry()),
    search: () => Promise.reject(noRegistry()),
    collect: () => Promise.resolve([]),
    catalogue: () =>
      Promise.resolve(catalogue.map(({ references }) => ({ reference: references[0]!, size: 0 }))),
    async tag(id, reference) {
      const image = held.find((other) => other.id === id)
      if (!image) throw new EngineError('not-found', `No such image: ${id}`)
      drop(reference)
      image.references.push(reference)
      return structuredClone(image)
    },
    async untag(reference): Promise<Digest[]> {
      drop(reference)
      return []
    },
    async remove(id): Promise<Digest[]> {
      const image = held.find((other) => other.id === id)
      held = held.filter((other) => other.id !== id)
      return image ? [image.id, ...image.layers.flatMap(({ digest, diffId }) => [digest, diffId])] : []
    },
    lease: () => Promise.resolve(),
    release: () => Promise.resolve(),
    blob: () => Promise.reject(noBytes()),
    ingest: () => Promise.reject(noBytes()),
    createImage: () => Promise.reject(noBytes()),
    adoptImage: () => Promise.reject(noBytes()),
  }
}
