/** Checks flags while they are parsed, with the sentences of docker/cli's `opts`. */
import { parseRamSize } from '../../shared/format/sizes.ts'
import type { ThrottleDevice, Ulimit, WeightDevice } from '../../../../protocol/api/engine-api.ts'

const quote = (text: string): string => JSON.stringify(text)

/** Splits at the first separator; without one, returns the whole text and undefined. */
export function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)]
}

export function checkAttach(value: string): string {
  const name = value.toLowerCase()
  if (['stdin', 'stdout', 'stderr'].includes(name)) return name
  throw new Error('valid streams are STDIN, STDOUT and STDERR')
}

export function checkLabel(value: string): string {
  const key = cut(value, '=')[0].replace(/^[ \t]+/, '')
  if (key === '') throw new Error(`invalid label '${value}': empty name`)
  if (/[ \t]/.test(key)) throw new Error(`label '${key}' contains whitespaces`)
  return value
}

export function checkEnv(value: string): string {
  if (cut(value, '=')[0] === '') throw new Error(`invalid environment variable: ${value}`)
  return value
}

const IPV4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/

export const isIpv4 = (text: string): boolean => IPV4.test(text)

/** Groups of hexadecimal digits with at most one `::`; an embedded IPv4 address counts as two groups. */
export function isIpv6(text: string): boolean {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || text.includes(':::')) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const tail = groups.at(-1) ?? ''
  const width = groups.length + (isIpv4(tail) ? 1 : 0)
  const valid = groups.every(
    (group, at) => /^[0-9a-fA-F]{1,4}$/.test(group) || (at === groups.length - 1 && isIpv4(group)),
  )
  return valid && (halves.length === 2 ? width < 8 : width === 8)
}

export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text)

export function checkIp(value: string): string {
  const address = value.trim()
  if (isIp(address)) return address
  throw new Error(`IP address is not correctly formatted: ${value}`)
}

const DOMAIN =
  /^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*\.?\s*$/

export function checkDnsSearch(value: string): string {
  const domain = value.replace(/^ +| +$/g, '')
  if (domain === '.') return domain
  if (!/[a-zA-Z]/.test(domain) || !DOMAIN.test(domain) || domain.length > 255) {
    throw new Error(`${domain} is not a valid domain`)
  }
  return domain.replace(/\.?\s*$/, '')
}

/** Checks `name:address` or `name=address`; the result has a colon. */
export function checkExtraHost(value: string): string {
  let [name, address] = cut(value, '=')
  if (address === undefined) [name, address] = cut(value, ':')
  if (address === undefined || name === '' || name.includes(':'))
    throw new Error(`bad format for add-host: ${quote(value)}`)
  const bare = /^\[.+\]$/.test(address) ? address.slice(1, -1) : address
  if (bare !== 'host-gateway' && !isIp(bare))
    throw new Error(`invalid IP address in add-host: ${quote(bare)}`)
  return `${name}:${bare}`
}

export function checkLink(value: string): string {
  if (value === '') throw new Error('empty string specified for links')
  if (value.split(':').length > 2) throw new Error(`bad format for links: ${value}`)
  return value
}

const SYSCTLS = ['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced']

export function checkSysctl(value: string): string {
  const [name, setting] = cut(value, '=')
  const allowed = SYSCTLS.some((known) => name === `kernel.${known}`) || /^(net\.|fs\.mqueue\.)/.test(name)
  if (setting === undefined || !allowed) throw new Error(`sysctl '${value}' is not allowed`)
  return value
}

export function checkDeviceCgroupRule(value: string): string {
  if (/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(value)) return value
  throw new Error(`invalid device cgroup format '${value}'`)
}

function devicePath(value: string): [string, string] {
  const [path, rest] = cut(value, ':')
  if (rest === undefined || path === '') throw new Error(`bad format: ${value}`)
  if (!path.startsWith('/dev/')) throw new Error(`bad format for device path: ${value}`)
  return [path, rest]
}

const RATE_HELP = 'The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer.'

/** Parses `/dev/sda:1mb` into bytes per second. */
export function parseThrottleBps(value: string): ThrottleDevice {
  const [path, rest] = devicePath(value)
  try {
    return { Path: path, Rate: parseRamSize(rest) }
  } catch {
    throw new Error(
      `invalid rate for device: ${value}. ${RATE_HELP} Unit is optional and can be kb, mb, or gb`,
    )
  }
}

/** Parses `/dev/sda:1000` into operations per second. */
export function parseThrottleIops(value: string): ThrottleDevice {
  const [path, rest] = devicePath(value)
  if (/^\d+$/.test(rest)) return { Path: path, Rate: Number(rest) }
  throw new Error(
    `invalid rate for device: ${value}. ${RATE_HELP.replace('[<unit>]', '').replace(/\.$/, '')}`,
  )
}

export function parseWeightDevice(value: string): WeightDevice {
  const [path, rest] = devicePath(value)
  const weight = /^\d+$/.test(rest) ? Number(rest) : NaN
  if (Number.isNaN(weight) || (weight > 0 && (weight < 10 || weight > 1000))) {
    throw new Error(`invalid weight for device: ${value}`)
  }
  return { Path: path, Weight: weight }
}

const ULIMITS = [
  ...['core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc'],
  ...['rss', 'rtprio', 'rttime', 'sigpending', 'stack'],
]

/** Parses `nofile=1024:2048` (docker/go-units, ParseUlimit). */
export function parseUlimit(value: string): Ulimit {
  const [name, limits] = cut(value, '=')
  if (limits === undefined || limits.includes('=')) throw new Error(`invalid ulimit argument: ${value}`)
  if (!ULIMITS.includes(name)) throw new Error(`invalid ulimit type: ${name}`)
  const parts = limits.split(':')
  if (parts.length > 2)
    throw new Error(`too many limit value arguments - ${limits}, can only have up to two, \`soft[:hard]\``)
  const [soft, hard] = parts.map((text) => {
    if (/^-?\d+$/.test(text)) return Number(text)
    throw new Error(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`)
  })
  if (hard !== undefined && hard !== -1 && (soft! === -1 || soft! > hard)) {
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`)
  }
  return { Name: name, Soft: soft!, Hard: hard ?? soft! }
}

/** Splits one line of CSV, as `--mount` and `--network` take it. */
export function csvFields(text: string): string[] {
  const fields: string[] = []
  let rest = text
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(,|$)/.exec(rest)
    if (quoted === null && rest.startsWith('"'))
      throw new Error('parse error on line 1, column 1: extraneous or missing " in quoted-field')
    const field = quoted === null ? /^[^,]*/.exec(rest)![0] : quoted[1]!.replaceAll('""', '"')
    fields.push(field)
    rest = rest.slice(quoted === null ? field.length : quoted[0].length - quoted[2]!.length)
    if (rest === '') return fields
    rest = rest.slice(1)
  }
}

/** Turns a parser into a check: its error counts when the flag is read, its result when the request is made. */
export const checking =
  (parse: (value: string) => unknown) =>
  (value: string): string => {
    parse(value)
    return value
  }
