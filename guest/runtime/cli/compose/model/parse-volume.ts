/** The short form of a service's volume: `[source:]target[:mode]` (compose-go's format package). */
import { ModelError } from './compose-error.ts'
import type { VolumeMount } from './types.ts'

const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']

/** Splits at colons, except at the colon of a Windows drive. */
function sections(spec: string): string[] {
  const parts: string[] = []
  let part = ''
  for (const char of spec) {
    if (char === ':' && !/^\p{L}$/u.test(part)) {
      parts.push(part)
      part = ''
    } else part += char
  }
  return [...parts, part]
}

const isFilePath = (source: string): boolean => /^([./~]|\\\\|\p{L}:)/u.test(source)

function applyOption(volume: VolumeMount, option: string): void {
  if (option === 'ro') volume.read_only = true
  else if (option === 'rw') delete volume.read_only
  else if (option === 'nocopy') volume.volume = { nocopy: true }
  else if (PROPAGATIONS.includes(option)) volume.bind = { ...volume.bind, propagation: option }
  else if (option === 'z' || option === 'Z') volume.bind = { selinux: option, ...volume.bind }
}

/** @throws ModelError `invalid spec: …` */
export function parseVolume(spec: string): VolumeMount {
  if (spec === '') throw new ModelError('invalid empty volume spec')
  if (spec.length <= 2) return { type: 'volume', target: spec }
  const parts = sections(spec)
  if (parts.some((part) => part === ''))
    throw new ModelError(`invalid spec: ${spec}: empty section between colons`)
  if (parts.length > 3) throw new ModelError(`invalid spec: ${spec}: too many colons`)
  if (parts.length === 1) return { type: 'volume', target: spec, volume: {} }
  const [source, target, options = ''] = parts as [string, string, string?]
  const volume: VolumeMount = { type: 'volume', source, target }
  for (const option of options.split(',')) applyOption(volume, option)
  if (isFilePath(source)) {
    volume.type = 'bind'
    volume.bind = { ...volume.bind, create_host_path: true }
  } else volume.volume ??= {}
  return volume
}
