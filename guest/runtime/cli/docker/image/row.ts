/** The columns of `docker images`, shared with `docker system df -v`. One image has a row for each of its names. */
import type { ImageSummary } from '../../../../protocol/api/engine-api.ts'
import { goTimeString } from '../../shared/format/durations.ts'
import { humanDuration } from '../../../../vocabulary/human-duration.ts'
import type { RowType } from '../../shared/format/formatter.ts'
import { truncateId } from '../../shared/format/ids.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import { familiarRepository, parseReference } from '../../../../vocabulary/image-reference.ts'

export interface ImageRow {
  image: ImageSummary
  repository: string
  tag: string
  digest: string
}

const NONE = '<none>'

function isDangling({ RepoTags, RepoDigests }: ImageSummary): boolean {
  const tags = RepoTags ?? []
  const digests = RepoDigests ?? []
  if (tags.length === 0 && digests.length === 0) return true
  return (
    tags.length === 1 && tags[0] === '<none>:<none>' && digests.length === 1 && digests[0] === '<none>@<none>'
  )
}

/** Names by repository: tags, or digests. */
function grouped(names: readonly string[] | null, part: 'tag' | 'digest'): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const name of names ?? []) {
    const reference = parseReference(name)
    const value = reference[part]
    const repository = familiarRepository(reference)
    if (value !== undefined) groups.set(repository, [...(groups.get(repository) ?? []), value])
  }
  return groups
}

/** @param digests rows for each digest too, as `--digests` and `{{.Digest}}` need */
export function imageRows(images: readonly ImageSummary[], digests: boolean): ImageRow[] {
  return images.flatMap((image) => {
    if (isDangling(image)) return [{ image, repository: NONE, tag: NONE, digest: NONE }]
    const tagsOf = grouped(image.RepoTags, 'tag')
    const digestsOf = grouped(image.RepoDigests, 'digest')
    const rows: ImageRow[] = []
    for (const [repository, tags] of tagsOf) {
      const known = digests ? (digestsOf.get(repository) ?? []) : []
      digestsOf.delete(repository)
      for (const tag of tags) {
        for (const digest of known.length === 0 ? [NONE] : known)
          rows.push({ image, repository, tag, digest })
      }
    }
    for (const [repository, known] of digestsOf) {
      for (const digest of digests ? known : ['']) rows.push({ image, repository, tag: NONE, digest })
    }
    return rows
  })
}

const knownSize = (bytes: number): string => (bytes === -1 ? 'N/A' : humanSize(bytes))

/** @param now milliseconds since the epoch */
export function imageRow(truncate: boolean, now: number): RowType<ImageRow> {
  return {
    goType: '*formatter.imageContext',
    columns: {
      ID: { header: 'IMAGE ID', value: ({ image }) => (truncate ? truncateId(image.Id) : image.Id) },
      Repository: { header: 'REPOSITORY', value: ({ repository }) => repository },
      Tag: { header: 'TAG', value: ({ tag }) => tag },
      Digest: { header: 'DIGEST', value: ({ digest }) => digest },
      CreatedSince: {
        header: 'CREATED',
        value: ({ image }) => `${humanDuration((now - image.Created * 1000) / 1000)} ago`,
      },
      CreatedAt: { header: 'CREATED AT', value: ({ image }) => goTimeString(image.Created) },
      Size: { header: 'SIZE', value: ({ image }) => humanSize(image.Size, 3) },
      Containers: {
        header: 'CONTAINERS',
        value: ({ image }) => (image.Containers === -1 ? 'N/A' : String(image.Containers)),
      },
      VirtualSize: { header: 'SIZE', value: ({ image }) => humanSize(image.Size) },
      SharedSize: { header: 'SHARED SIZE', value: ({ image }) => knownSize(image.SharedSize) },
      UniqueSize: {
        header: 'UNIQUE SIZE',
        value: ({ image }) => knownSize(image.SharedSize === -1 ? -1 : image.Size - image.SharedSize),
      },
    },
  }
}
