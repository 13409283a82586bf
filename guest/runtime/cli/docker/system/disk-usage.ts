/** `docker system df`. */
import type { BuildCacheRecord, SystemDiskUsage } from '../../../../protocol/api/engine-api.ts'
import { CONTAINER_TABLE, containerRow } from '../container/row.ts'
import type { CliContext } from '../../shared/context.ts'
import { humanDuration } from '../../../../vocabulary/human-duration.ts'
import { formatRows, type RowType, writeRows } from '../../shared/format/formatter.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import { imageRow, imageRows } from '../image/row.ts'
import { VOLUME_ROW } from '../volume/row.ts'
import type { SystemFlags } from '../table/system-flags.ts'

interface Summary {
  type: string
  total: number
  active: number
  size: number
  reclaimable: string
}

const SUMMARY_ROW: RowType<Summary> = {
  goType: '*formatter.diskUsageImagesContext',
  columns: {
    Type: { header: 'TYPE', value: ({ type }) => type },
    TotalCount: { header: 'TOTAL', value: ({ total }) => String(total) },
    Active: { header: 'ACTIVE', value: ({ active }) => String(active) },
    Size: { header: 'SIZE', value: ({ size }) => humanSize(size) },
    Reclaimable: { header: 'RECLAIMABLE', value: ({ reclaimable }) => reclaimable },
  },
}

const SUMMARY_TABLE = 'table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}'
const IMAGE_TABLE =
  'table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}'
const CONTAINERS_TABLE = CONTAINER_TABLE.replace(
  '{{.RunningFor}}\t{{.Status}}\t{{.Ports}}',
  '{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}',
)
const CACHE_TABLE =
  'table {{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}'

function withPercent(bytes: number, total: number): string {
  return total > 0 ? `${humanSize(bytes)} (${Math.trunc((bytes * 100) / total)}%)` : humanSize(bytes)
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

function summaries({ LayersSize, Images, Containers, Volumes, BuildCache }: SystemDiskUsage): Summary[] {
  const used = Images.filter(
    (image) => image.Containers !== 0 && image.Size !== -1 && image.SharedSize !== -1,
  )
  const imagesFree = LayersSize - sum(used.map((image) => image.Size - image.SharedSize))
  const running = Containers.filter(({ State }) => ['running', 'paused', 'restarting'].includes(State))
  const containerSize = sum(Containers.map(({ SizeRw = 0 }) => SizeRw))
  const containersFree = containerSize - sum(running.map(({ SizeRw = 0 }) => SizeRw))
  const measured = Volumes.filter(({ UsageData }) => (UsageData?.Size ?? -1) !== -1)
  const volumeSize = sum(measured.map(({ UsageData }) => UsageData!.Size))
  const volumesFree = sum(
    measured.filter(({ UsageData }) => UsageData!.RefCount === 0).map(({ UsageData }) => UsageData!.Size),
  )
  const cacheSize = sum(BuildCache.filter(({ Shared }) => !Shared).map(({ Size }) => Size))
  const cacheUsed = sum(BuildCache.filter(({ InUse, Shared }) => InUse && !Shared).map(({ Size }) => Size))
  return [
    {
      type: 'Images',
      total: Images.length,
      active: Images.filter((image) => image.Containers > 0).length,
      size: LayersSize,
      reclaimable: withPercent(imagesFree, LayersSize),
    },
    {
      type: 'Containers',
      total: Containers.length,
      active: running.length,
      size: containerSize,
      reclaimable: withPercent(containersFree, containerSize),
    },
    {
      type: 'Local Volumes',
      total: Volumes.length,
      active: Volumes.filter(({ UsageData }) => (UsageData?.RefCount ?? 0) > 0).length,
      size: volumeSize,
      reclaimable: withPercent(volumesFree, volumeSize),
    },
    {
      type: 'Build Cache',
      total: BuildCache.length,
      active: BuildCache.filter(({ InUse }) => InUse).length,
      size: cacheSize,
      reclaimable: humanSize(cacheSize - cacheUsed),
    },
  ]
}

function cacheRow(now: number): RowType<BuildCacheRecord> {
  const since = (time: string | null): string =>
    time === null ? '' : `${humanDuration((now - Date.parse(time)) / 1000)} ago`
  return {
    goType: '*formatter.buildCacheContext',
    columns: {
      ID: { header: 'CACHE ID', value: ({ ID, InUse }) => ID.slice(0, 12) + (InUse ? '*' : '') },
      CacheType: { header: 'CACHE TYPE', value: ({ Type }) => Type },
      Size: { header: 'SIZE', value: ({ Size }) => humanSize(Size, 3) },
      CreatedSince: { header: 'CREATED', value: ({ CreatedAt }) => since(CreatedAt) },
      LastUsedSince: { header: 'LAST USED', value: ({ LastUsedAt }) => since(LastUsedAt) },
      UsageCount: { header: 'USAGE', value: ({ UsageCount }) => String(UsageCount) },
      Shared: { header: 'SHARED', value: ({ Shared }) => String(Shared) },
    },
  }
}

function verbose(usage: SystemDiskUsage, now: number): string {
  const containers = usage.Containers.map((container) => ({ ...container, SizeRootFs: 0 }))
  const cacheSize = sum(usage.BuildCache.filter(({ Shared }) => !Shared).map(({ Size }) => Size))
  // Here each image has one row, under its first name.
  const images = usage.Images.map((image) => imageRows([image], false)[0]!)
  return [
    `Images space usage:\n\n${formatRows(IMAGE_TABLE, imageRow(true, now), images)}`,
    `Containers space usage:\n\n${formatRows(CONTAINERS_TABLE, containerRow(true, now), containers)}`,
    `Local Volumes space usage:\n\n${formatRows('table {{.Name}}\t{{.Links}}\t{{.Size}}', VOLUME_ROW, usage.Volumes)}`,
    `Build cache usage: ${humanSize(cacheSize)}\n\n${formatRows(CACHE_TABLE, cacheRow(now), usage.BuildCache)}`,
  ].join('\n')
}

export async function diskUsage({
  flags,
  api,
  session,
  now,
}: CliContext<SystemFlags['df']>): Promise<number> {
  const answer = await api.json('GET', '/system/df')
  const { Images, Containers, Volumes, BuildCache } = answer
  const usage = {
    ...answer,
    Images: Images ?? [],
    Containers: Containers ?? [],
    Volumes: Volumes ?? [],
    BuildCache: BuildCache ?? [],
  }
  const format = flags.string('format')
  if (flags.bool('verbose') && (format === '' || format === 'table')) {
    await session.stdout.write(verbose(usage, now()))
    return 0
  }
  await writeRows(
    session.stdout,
    format === '' || format === 'table' ? SUMMARY_TABLE : format,
    SUMMARY_ROW,
    summaries(usage),
  )
  return 0
}
