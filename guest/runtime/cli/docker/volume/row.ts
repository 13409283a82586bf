/** The columns of `docker volume ls`, shared with `docker system df -v`. */
import type { VolumeInspect } from '../../../../protocol/api/engine-api.ts'
import type { RowType } from '../../shared/format/formatter.ts'
import { labelOf, labelText } from '../../shared/format/ids.ts'
import { humanSize } from '../../shared/format/sizes.ts'

export const VOLUME_ROW: RowType<VolumeInspect> = {
  goType: '*formatter.volumeContext',
  columns: {
    Name: { header: 'VOLUME NAME', value: ({ Name }) => Name },
    Group: { header: 'GROUP', value: () => 'N/A' },
    Driver: { header: 'DRIVER', value: ({ Driver }) => Driver },
    Scope: { header: 'SCOPE', value: ({ Scope }) => Scope },
    Availability: { header: 'AVAILABILITY', value: () => 'N/A' },
    Mountpoint: { header: 'MOUNTPOINT', value: ({ Mountpoint }) => Mountpoint },
    Labels: { header: 'LABELS', value: ({ Labels }) => labelText(Labels) },
    Links: { header: 'LINKS', value: ({ UsageData }) => (UsageData ? String(UsageData.RefCount) : 'N/A') },
    Size: { header: 'SIZE', value: ({ UsageData }) => (UsageData ? humanSize(UsageData.Size) : 'N/A') },
    Status: { header: 'STATUS', value: () => 'N/A' },
  },
  methods: { Label: ({ Labels }) => labelOf(Labels) },
}
