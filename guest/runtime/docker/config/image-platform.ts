/** What an image is made for, against what was asked for and what the guest is. Source: moby, daemon/images/image.go. */
import type { ImageRecord, Platform } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'

const GUEST: Platform = { os: 'linux', architecture: '386' }

/** Other names of architectures, as github.com/containerd/platforms normalizes them. */
const ARCHITECTURES: Readonly<Record<string, [architecture: string, variant?: string]>> = {
  i386: ['386'],
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
}

/** Those that go without saying. */
const DEFAULT_VARIANT: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8', arm: 'v7' }

const COMPONENT = /^[A-Za-z0-9_.-]+$/

function normalized({ os, architecture, variant }: Platform): Platform {
  const [name, implied] = ARCHITECTURES[architecture.toLowerCase()] ?? [architecture.toLowerCase()]
  const kept = variant?.toLowerCase() || implied
  const isDefault = name !== 'arm' && kept === DEFAULT_VARIANT[name]
  return {
    os: os.toLowerCase() === 'macos' ? 'darwin' : os.toLowerCase(),
    architecture: name,
    ...(kept && !isDefault && { variant: kept }),
  }
}

/** `linux/386`, `linux/arm/v7`, `linux` or `arm64`. Throws `invalid` in the words of containerd's platforms. */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/')
  const quoted = JSON.stringify(text)
  for (const part of parts)
    if (!COMPONENT.test(part))
      throw new EngineError(
        'invalid',
        `${JSON.stringify(part)} is an invalid component of ${quoted}: platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`,
      )
  const [first = '', second, variant] = parts
  if (parts.length > 3)
    throw new EngineError('invalid', `${quoted}: cannot parse platform specifier: invalid argument`)
  if (second !== undefined)
    return normalized({ os: first, architecture: second, ...(variant !== undefined && { variant }) })
  const isSystem = ['linux', 'windows', 'darwin', 'macos', 'freebsd'].includes(first.toLowerCase())
  return normalized(isSystem ? { ...GUEST, os: first } : { os: GUEST.os, architecture: first })
}

/** platforms.FormatAll. */
const formatted = ({ os, architecture, variant }: Platform) =>
  [os, architecture, ...(variant ? [variant] : [])].join('/')

function matches(image: Platform, asked: Platform): boolean {
  const [own, other] = [normalized(image), normalized(asked)]
  if (own.os !== other.os || own.architecture !== other.architecture) return false
  // An image that names no variant is taken for the one asked for.
  return image.variant === undefined || own.variant === other.variant
}

function platformOf({ config: { os, architecture, variant } }: ImageRecord): Platform {
  return { os, architecture, ...(variant !== undefined && { variant }) }
}

/** @throws EngineError `not-found`: there is no such image for that platform */
export function checkImagePlatform(name: string, image: ImageRecord, asked: Platform): void {
  const own = platformOf(image)
  if (matches(own, asked)) return
  throw new EngineError(
    'not-found',
    `image with reference ${name} was found but its platform (${formatted(own)}) does not match the specified platform (${formatted(asked)})`,
    { image: image.id },
  )
}

export function platformWarnings(image: ImageRecord): string[] {
  const own = platformOf(image)
  if (matches(own, GUEST)) return []
  return [
    `The requested image's platform (${formatted(own)}) does not match the detected host platform (${formatted(GUEST)}) and no specific platform was requested`,
  ]
}
