/** The columns of `docker ps`, shared with `docker system df -v`. */
import type { ContainerSummary } from '../../../../protocol/api/engine-api.ts'
import { ellipsis } from '../../shared/format/display-width.ts'
import { goTimeString } from '../../shared/format/durations.ts'
import { humanDuration } from '../../../../vocabulary/human-duration.ts'
import type { RowType } from '../../shared/format/formatter.ts'
import { labelOf, labelText, truncateId } from '../../shared/format/ids.ts'
import { displayPorts } from '../../shared/format/ports.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import { familiarRepository, parseReference } from '../../../../vocabulary/image-reference.ts'

export const CONTAINER_TABLE =
  'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}'

function names(container: ContainerSummary, truncate: boolean): string {
  const all = container.Names.map((name) => name.slice(1))
  // Names with a slash are old-style links.
  const own = truncate ? all.find((name) => !name.includes('/')) : undefined
  return own ?? all.join(',')
}

function imageName({ Image, ImageID }: ContainerSummary, truncate: boolean): string {
  if (Image === '') return '<no image>'
  if (!truncate) return Image
  if (truncateId(ImageID) === truncateId(Image)) return truncateId(ImageID)
  if (!Image.includes('@')) return Image
  const reference = parseReference(Image)
  return familiarRepository(reference) + (reference.tag === undefined ? '' : `:${reference.tag}`)
}

function sizeText({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  return SizeRootFs > 0
    ? `${humanSize(SizeRw, 3)} (virtual ${humanSize(SizeRootFs, 3)})`
    : humanSize(SizeRw, 3)
}

function mountNames({ Mounts }: ContainerSummary, truncate: boolean): string {
  return (Mounts ?? [])
    .map(({ Name, Source }) => Name || Source)
    .map((name) => (truncate ? ellipsis(name, 15) : name))
    .join(',')
}

/** @param now milliseconds since the epoch */
export function containerRow(truncate: boolean, now: number): RowType<ContainerSummary> {
  return {
    goType: '*formatter.ContainerContext',
    columns: {
      ID: { header: 'CONTAINER ID', value: ({ Id }) => (truncate ? truncateId(Id) : Id) },
      Names: { header: 'NAMES', value: (container) => names(container, truncate) },
      Image: { header: 'IMAGE', value: (container) => imageName(container, truncate) },
      Command: {
        header: 'COMMAND',
        value: ({ Command }) => JSON.stringify(truncate ? ellipsis(Command, 20) : Command),
      },
      CreatedAt: { header: 'CREATED AT', value: ({ Created }) => goTimeString(Created) },
      RunningFor: {
        header: 'CREATED',
        value: ({ Created }) => `${humanDuration((now - Created * 1000) / 1000)} ago`,
      },
      Ports: { header: 'PORTS', value: ({ Ports }) => displayPorts(Ports ?? []) },
      State: { header: 'STATE', value: ({ State }) => State },
      Status: { header: 'STATUS', value: ({ Status }) => Status },
      Size: { header: 'SIZE', value: sizeText },
      Labels: { header: 'LABELS', value: ({ Labels }) => labelText(Labels) },
      Mounts: { header: 'MOUNTS', value: (container) => mountNames(container, truncate) },
      LocalVolumes: {
        header: 'LOCAL VOLUMES',
        value: ({ Mounts }) => String((Mounts ?? []).filter(({ Driver }) => Driver === 'local').length),
      },
      Networks: {
        header: 'NETWORKS',
        value: ({ NetworkSettings }) => Object.keys(NetworkSettings?.Networks ?? {}).join(','),
      },
    },
    methods: { Label: ({ Labels }) => labelOf(Labels) },
  }
}
