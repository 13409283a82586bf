/** Filters of `docker images` and `docker image prune`. Source: daemon/images/images.go, image_prune.go. */
import type { ImageRecord } from '../../../protocol/api/content.ts'
import type { Filters } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { parseTime } from '../../host/clock.ts'
import { booleanFilter, checkFilters, matchesLabels } from '../../../vocabulary/filters.ts'
import { parseTimestamp } from '../../../vocabulary/timestamps.ts'
import { matchImage } from './find-image.ts'
import { withoutIntermediate } from './image-family.ts'
import { repoTags } from './image-views.ts'
import { familiarRepository, parseReference } from '../../../vocabulary/image-reference.ts'

/** Matches as Go's path.Match: `*` and `?` stop at a slash. */
export function globMatches(pattern: string, text: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]')
  return new RegExp(`^${escaped}$`).test(text)
}

function matchesReference(text: string, pattern: string): boolean {
  const reference = parseReference(text)
  const repository = familiarRepository(reference)
  return globMatches(pattern, repository) || globMatches(pattern, `${repository}:${reference.tag}`)
}

/** The image with those of its names that match; undefined when none does. */
function namedBy(image: ImageRecord, patterns: string[]): ImageRecord | undefined {
  if (patterns.length === 0) return image
  const references = image.references.filter((text) =>
    patterns.some((pattern) => matchesReference(text, pattern)),
  )
  return references.length > 0 ? { ...image, references } : undefined
}

/** Nanoseconds since the epoch, as images of one build follow each other closely. */
const createdAt = ({ config }: ImageRecord): bigint => parseTime(config.created ?? '') ?? 0n

const isDangling = (image: ImageRecord): boolean => repoTags(image).length === 0

function named(images: ImageRecord[], text: string): bigint {
  const image = matchImage(images, text)
  if (!image) throw new EngineError('not-found', `No such image: ${text}`, { reference: text })
  return createdAt(image)
}

/** The images that pass the filters, newest first. */
export function listImages(images: ImageRecord[], filters: Filters, now: bigint): ImageRecord[] {
  checkFilters(filters, ['before', 'dangling', 'label', 'reference', 'since', 'until'])
  const dangling = booleanFilter(filters, 'dangling')
  const before = (filters['before'] ?? []).map((text) => named(images, text))
  const since = (filters['since'] ?? []).map((text) => named(images, text))
  const until = (filters['until'] ?? []).map((text) => parseTimestamp(text, now))
  return images
    .filter((image) => dangling === undefined || isDangling(image) === dangling)
    .filter((image) => matchesLabels(image.config.config?.Labels, filters['label'] ?? []))
    .flatMap((image) => namedBy(image, filters['reference'] ?? []) ?? [])
    .filter((image) => [...before, ...until].every((time) => createdAt(image) < time))
    .filter((image) => since.every((time) => createdAt(image) > time))
    .sort((a, b) => Number(createdAt(b) - createdAt(a)))
}

/** The images that a prune removes: dangling ones; with `dangling=false` every image that no container uses. */
export function pruneCandidates(
  images: ImageRecord[],
  filters: Filters,
  now: bigint,
  inUse: (image: ImageRecord) => boolean,
): ImageRecord[] {
  checkFilters(filters, ['dangling', 'label', 'label!', 'until'])
  const onlyDangling = booleanFilter(filters, 'dangling') ?? true
  const until = (filters['until'] ?? []).map((text) => parseTimestamp(text, now))
  return withoutIntermediate(images)
    .filter((image) => !inUse(image) && (!onlyDangling || isDangling(image)))
    .filter((image) => matchesLabels(image.config.config?.Labels, filters['label'] ?? []))
    .filter(
      ({ config }) =>
        !(filters['label!'] ?? []).some((label) => matchesLabels(config.config?.Labels, [label])),
    )
    .filter((image) => until.every((time) => createdAt(image) < time))
}
