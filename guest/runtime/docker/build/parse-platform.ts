/** Platforms as containerd/platforms reads them: `linux/386`, `linux/arm/v7`, or one part of it alone. */
import type { Platform } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { quote } from './dockerfile/quote.ts'

const SYSTEMS: ReadonlySet<string> = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
)
const ARCHITECTURES: ReadonlySet<string> = new Set(
  '386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x wasm'.split(' '),
)
const NAMES: Record<string, string> = { i386: '386', x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64' }
const PART = /^[A-Za-z0-9_.-]+$/

const architectureOf = (name: string) => NAMES[name] ?? name

/** Throws `invalid` in containerd's words. */
export function parsePlatform(text: string): Platform {
  const refuse = (why: string) => new EngineError('invalid', `${why}: invalid argument`, { platform: text })
  const parts = text.split('/').map((part) => part.toLowerCase())
  if (parts.length > 3 || text.includes('*'))
    throw refuse(
      `${quote(text)}: ${text.includes('*') ? 'wildcards not yet supported' : 'cannot parse platform specifier'}`,
    )
  const wrong = parts.find((part) => !PART.test(part))
  if (wrong !== undefined)
    throw refuse(
      `${quote(wrong)} is an invalid component of ${quote(text)}: platform specifier component must match "^[A-Za-z0-9_.-]+$"`,
    )
  const [first = '', second, variant] = parts
  if (second !== undefined)
    return { os: first, architecture: architectureOf(second), ...(variant !== undefined && { variant }) }
  if (SYSTEMS.has(first)) return { os: first, architecture: '386' }
  if (ARCHITECTURES.has(architectureOf(first))) return { os: 'linux', architecture: architectureOf(first) }
  throw refuse(`${quote(text)}: unknown operating system or architecture`)
}

export const formatPlatform = ({ os, architecture, variant }: Platform): string =>
  [os, architecture, ...(variant === undefined ? [] : [variant])].join('/')
