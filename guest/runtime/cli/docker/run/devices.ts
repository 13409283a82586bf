/** Reads `--device`, `--gpus` and `--security-opt`. */
import type { DeviceMapping, DeviceRequest } from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { resolvePath, type CliContext } from '../../shared/context.ts'
import { csvFields, cut } from './checks.ts'

const isMode = (text: string): boolean => /^[rwm]+$/.test(text) && new Set(text).size === text.length

/**
 * Parses `host[:container][:rwm]`.
 * @throws Error with Docker's sentence
 */
export function parseDevice(text: string): DeviceMapping {
  const parts = text.split(':')
  if (parts.length > 3 || parts[0] === '') throw new Error(`bad format for path: ${text}`)
  if (parts.length === 3 && !isMode(parts[2]!)) throw new Error(`bad mode specified: ${parts[2]}`)
  const modeSecond = parts.length === 2 && isMode(parts[1]!)
  const inside = parts.length === 1 || modeSecond ? parts[0]! : parts[1]!
  if (!inside.startsWith('/')) throw new Error(`${inside} is not an absolute path`)
  return {
    PathOnHost: parts[0]!,
    PathInContainer: inside,
    CgroupPermissions: modeSecond ? parts[1]! : (parts[2] ?? 'rwm'),
  }
}

/** A name of the Container Device Interface: `vendor.com/class=device`. */
export const isCdiName = (text: string): boolean => /^[A-Za-z][\w.-]*\/[A-Za-z][\w-]*=[\w.:-]+$/.test(text)

/** Parses `all`, a count, or `device=0,1` in CSV. */
export function parseGpus(text: string): DeviceRequest {
  const request: DeviceRequest = {
    Driver: '',
    Count: 0,
    DeviceIDs: null,
    Capabilities: [['gpu']],
    Options: null,
  }
  for (const field of csvFields(text)) {
    const [key, value] = cut(field, '=')
    if (value === undefined || key === 'count') request.Count = gpuCount(value ?? key)
    else if (key === 'driver') request.Driver = value
    else if (key === 'device') request.DeviceIDs = value.split(',')
    else if (key === 'capabilities') request.Capabilities = [[...value.split(','), 'gpu']]
    else throw new Error(`unexpected key '${key}' in '${field}'`)
  }
  return request
}

function gpuCount(text: string): number {
  if (text === 'all') return -1
  if (!/^\d+$/.test(text))
    throw new Error(`invalid count (${text}): value must be either "all" or an integer: invalid syntax`)
  return Number(text)
}

/** The options in the form the engine wants: the client reads a seccomp profile's file, as Docker's does. */
export async function readSecurityOptions(
  context: CliContext<{ 'security-opt': 'list' }>,
): Promise<{ options: string[]; unconfinedPaths: boolean }> {
  const options: string[] = []
  let unconfinedPaths = false
  for (const given of context.flags.list('security-opt')) {
    let [key, value] = cut(given, '=')
    if (value === undefined && key !== 'no-new-privileges') [key, value] = cut(given, ':')
    if (key !== 'no-new-privileges' && (value === undefined || value === '')) {
      throw new Error(`Invalid --security-opt: ${JSON.stringify(given)}`)
    }
    if (given === 'systempaths=unconfined') unconfinedPaths = true
    else if (key === 'seccomp' && value !== 'unconfined' && value !== 'builtin') {
      options.push(`seccomp=${await readProfile(context, value!)}`)
    } else options.push(given)
  }
  return { options, unconfinedPaths }
}

async function readProfile(context: CliContext, path: string): Promise<string> {
  let text: string
  try {
    text = await context.files.readText(resolvePath(context, path))
  } catch (thrown) {
    const { code, message } = EngineError.from(thrown)
    const reason = code === 'not-found' ? `open ${path}: no such file or directory` : message
    throw new Error(`opening seccomp profile (${path}) failed: ${reason}`)
  }
  try {
    return JSON.stringify(JSON.parse(text))
  } catch (error) {
    throw new Error(`compacting json for seccomp profile (${path}) failed: ${(error as Error).message}`)
  }
}
