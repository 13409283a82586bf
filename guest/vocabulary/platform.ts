/**
 * Platforms as containerd reads, writes and compares them: `linux/386`, `linux/arm/v7`, one part of it alone, or JSON in
 * queries of the API. Source: github.com/containerd/platforms; moby, api/server/httputils/form.go, daemon/images/image.go.
 */
import type { Platform } from '../protocol/api/oci-image.ts'
import { EngineError } from '../protocol/errors.ts'
import { quote } from './go-quote.ts'

/** The guest's platform. */
export const OWN_PLATFORM: Platform = { os: 'linux', architecture: '386' }

const SYSTEMS: ReadonlySet<string> = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
)
const ARCHITECTURES: ReadonlySet<string> = new Set(
  (
    '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ' +
    'ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'
  ).split(' '),
)

const PART = /^[A-Za-z0-9_.-]+$/
const SYSTEM = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.-]*)\))?$/

const refused = (why: string, platform: string) =>
  new EngineError('invalid', `${why}: invalid argument`, { platform })

/** A platform that names no system means the machine's. */
function systemOf(text: string): string {
  if (text === '') return OWN_PLATFORM.os
  const lower = text.toLowerCase()
  return lower === 'macos' ? 'darwin' : lower
}

function arm64Variant(variant: string): string {
  if (['8', 'v8', 'v8.0'].includes(variant)) return ''
  return ['9', '9.0', 'v9.0'].includes(variant) ? 'v9' : variant
}

function armVariant(variant: string): string {
  if (variant === '' || variant === '7') return 'v7'
  return ['5', '6', '8'].includes(variant) ? `v${variant}` : variant
}

/** Replaces other names of an architecture, and drops variants that go without saying. */
function normalizedParts(name: string, variant: string): [architecture: string, variant: string] {
  switch (name) {
    case 'i386':
      return ['386', '']
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return ['amd64', variant === 'v1' ? '' : variant]
    case 'aarch64':
    case 'arm64':
      return ['arm64', arm64Variant(variant)]
    case 'armhf':
      return ['arm', 'v7']
    case 'armel':
      return ['arm', 'v6']
    case 'arm':
      return ['arm', armVariant(variant)]
    default:
      return [name, variant]
  }
}

export function normalizePlatform({ os, architecture: name, variant: said = '' }: Platform): Platform {
  const [architecture, variant] = normalizedParts(name.toLowerCase(), said.toLowerCase())
  return { os: systemOf(os), architecture, ...(variant !== '' && { variant }) }
}

function checkParts(text: string, [system = '', ...others]: readonly string[]): void {
  if (!SYSTEM.test(system))
    throw refused(
      `${quote(system)} is an invalid OS component of ${quote(text)}: OSAndVersion specifier component must match ${quote(SYSTEM.source)}`,
      text,
    )
  const wrong = others.find((part) => !PART.test(part))
  if (wrong !== undefined)
    throw refused(
      `${quote(wrong)} is an invalid component of ${quote(text)}: platform specifier component must match ${quote(PART.source)}`,
      text,
    )
}

/** Parses a system or an architecture alone; the guest's platform gives the other part. */
function parseSingle(text: string, os: string): Platform {
  if (SYSTEMS.has(os)) return { os, architecture: OWN_PLATFORM.architecture }
  const platform = writtenArm(normalizePlatform({ os: OWN_PLATFORM.os, architecture: text }))
  if (ARCHITECTURES.has(platform.architecture)) return platform
  throw refused(`${quote(text)}: unknown operating system or architecture`, text)
}

/** What was written without a variant is shown without the one that goes without saying. */
const writtenArm = ({ variant, ...platform }: Platform): Platform =>
  variant === undefined || (platform.architecture === 'arm' && variant === 'v7')
    ? platform
    : { ...platform, variant }

/** @throws EngineError `invalid` in containerd's words */
export function parsePlatform(text: string): Platform {
  if (text.includes('*')) throw refused(`${quote(text)}: wildcards not yet supported`, text)
  const parts = text.split('/')
  checkParts(text, parts)
  const os = systemOf(SYSTEM.exec(parts[0]!)![1]!)
  const [, architecture, variant] = parts
  if (architecture === undefined) return parseSingle(text, os)
  if (parts.length > 3) throw refused(`${quote(text)}: cannot parse platform specifier`, text)
  if (variant === undefined) return writtenArm(normalizePlatform({ os, architecture }))
  const platform = normalizePlatform({ os, architecture, variant })
  return platform.architecture === 'arm64' && platform.variant === undefined
    ? { ...platform, variant: 'v8' }
    : platform
}

export const formatPlatform = ({ os, architecture, variant }: Platform): string =>
  os === '' ? 'unknown' : [os, architecture, variant].filter(Boolean).join('/')

const isText = (value: unknown): value is string => typeof value === 'string'

/** A `platform` of a query; JSON of the OCI image specification. @throws EngineError `invalid` in dockerd's words */
export function decodePlatform(json: string): Platform {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (thrown) {
    throw new EngineError(
      'invalid',
      `failed to parse platform: ${String(thrown)}`,
      { platform: json },
      thrown,
    )
  }
  const { os = '', architecture = '', variant = '', ...rest } = (value ?? {}) as Record<string, unknown>
  if (typeof value !== 'object' || !isText(os) || !isText(architecture) || !isText(variant))
    throw new EngineError('invalid', 'failed to parse platform: not an object of texts', { platform: json })
  if (os === '' && architecture === '' && (variant !== '' || Object.keys(rest).length > 0))
    throw new EngineError(
      'invalid',
      'optional platform fields provided, but OS and Architecture are missing',
      { platform: json },
    )
  if (os === '' || architecture === '')
    throw new EngineError('invalid', 'both OS and Architecture must be provided', { platform: json })
  return { os, architecture, ...(variant !== '' && { variant }) }
}

/** The JSON of a query that asks for the platform. */
export const encodePlatform = ({ os, architecture, variant }: Platform): string =>
  JSON.stringify({ architecture, os, variant })

const armVersion = (variant: string | undefined): number => Number(/^v(\d+)/.exec(variant ?? '')?.[1] ?? 7)

/** True where programs of `image` run on a machine of `asked`: 386 on amd64, older ARM on newer. */
export function runsOn(image: Platform, asked: Platform): boolean {
  const [own, wanted] = [normalizePlatform(image), normalizePlatform(asked)]
  if (own.os !== wanted.os) return false
  if (own.architecture !== wanted.architecture)
    return (
      (own.architecture === '386' && wanted.architecture === 'amd64') ||
      (own.architecture === 'arm' && wanted.architecture === 'arm64')
    )
  // Many images of one architecture do not say which variant they are for.
  if (image.variant === undefined || own.variant === wanted.variant) return true
  return own.architecture === 'arm' && armVersion(own.variant) <= armVersion(wanted.variant)
}
