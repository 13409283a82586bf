/** Flags of `docker volume …`. Words are Docker's (CLI 26.1). */
import { flagTables, type TypesOfAll } from '../../shared/flag-spec.ts'
import { checkLabel } from '../run/checks.ts'
import { FORMAT_USAGE, INSPECT_FORMAT_USAGE } from './usage-texts.ts'

/** Docker's client shows these flags only to managers of a swarm. */
const SWARM = { hidden: true } as const

export const VOLUME_FLAGS = flagTables({
  create: [
    {
      ...SWARM,
      name: 'availability',
      type: 'string',
      usage: 'Cluster Volume availability ("active", "pause", "drain")',
      default: 'active',
    },
    { name: 'driver', short: 'd', type: 'string', usage: 'Specify volume driver name', default: 'local' },
    { ...SWARM, name: 'group', type: 'string', usage: 'Cluster Volume group (cluster volumes)' },
    { name: 'label', type: 'list', usage: 'Set metadata for a volume', check: checkLabel },
    { ...SWARM, name: 'limit-bytes', type: 'bytes', usage: 'Minimum size of the Cluster Volume in bytes' },
    { name: 'name', type: 'string', usage: 'Specify volume name', hidden: true },
    { name: 'opt', short: 'o', type: 'map', usage: 'Set driver specific options', default: 'map[]' },
    {
      ...SWARM,
      name: 'required-bytes',
      type: 'bytes',
      usage: 'Maximum size of the Cluster Volume in bytes',
    },
    {
      ...SWARM,
      name: 'scope',
      type: 'string',
      usage: 'Cluster Volume access scope ("single", "multi")',
      default: 'single',
    },
    { ...SWARM, name: 'secret', type: 'map', usage: 'Cluster Volume secrets', default: 'map[]' },
    {
      ...SWARM,
      name: 'sharing',
      type: 'string',
      usage: 'Cluster Volume access sharing ("none", "readonly", "onewriter", "all")',
      default: 'none',
    },
    {
      ...SWARM,
      name: 'topology-preferred',
      type: 'list',
      usage: 'A topology that the Cluster Volume would be preferred in',
    },
    {
      ...SWARM,
      name: 'topology-required',
      type: 'list',
      usage: 'A topology that the Cluster Volume must be accessible from',
    },
    {
      ...SWARM,
      name: 'type',
      type: 'string',
      usage: 'Cluster Volume access type ("mount", "block")',
      default: 'block',
    },
  ],
  inspect: [{ name: 'format', short: 'f', type: 'string', usage: INSPECT_FORMAT_USAGE }],
  ls: [
    {
      ...SWARM,
      name: 'cluster',
      type: 'bool',
      usage: 'Display only cluster volumes, and use cluster volume list formatting',
    },
    { name: 'filter', short: 'f', type: 'filter', usage: 'Provide filter values (e.g. "dangling=true")' },
    { name: 'format', type: 'string', usage: FORMAT_USAGE },
    { name: 'quiet', short: 'q', type: 'bool', usage: 'Only display volume names' },
  ],
  prune: [
    { name: 'all', short: 'a', type: 'bool', usage: 'Remove all unused volumes, not just anonymous ones' },
    { name: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "label=<label>")' },
    { name: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
  ],
  rm: [{ name: 'force', short: 'f', type: 'bool', usage: 'Force the removal of one or more volumes' }],
})

export type VolumeFlags = TypesOfAll<typeof VOLUME_FLAGS>
