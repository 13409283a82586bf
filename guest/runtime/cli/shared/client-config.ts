/** The caller's ~/.docker/config.json: logins, and settings that stand in for flags (docker/cli cli/config/configfile). */
import type { CliContext } from './context.ts'

export interface ClientLogin {
  /** Base64 of `user:password`. */
  auth?: string
  identitytoken?: string
}

export interface ClientConfig {
  auths?: Record<string, ClientLogin>
  /** The default of `--detach-keys`. */
  detachKeys?: string
  /** Other settings, which stay as they are when the file is written again. */
  [other: string]: unknown
}

/** The directory in which Docker's client keeps all its files. */
export const configDirectory = ({ session }: Pick<CliContext, 'session'>): string =>
  session.env.DOCKER_CONFIG ?? `${session.env.HOME ?? '/root'}/.docker`

export const configPath = (context: Pick<CliContext, 'session'>): string =>
  `${configDirectory(context)}/config.json`

const isDict = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isLogin(value: unknown): value is ClientLogin {
  return isDict(value) && ['undefined', 'string'].includes(typeof value.auth)
}

/** @throws Error saying what is wrong */
function parseConfig(text: string): ClientConfig {
  const value: unknown = JSON.parse(text)
  if (!isDict(value)) throw new Error('it is not a JSON object')
  const { auths, detachKeys } = value
  if (auths !== undefined && !(isDict(auths) && Object.values(auths).every(isLogin)))
    throw new Error('"auths" is not an object of logins')
  if (detachKeys !== undefined && typeof detachKeys !== 'string')
    throw new Error('"detachKeys" is not a string')
  return value as ClientConfig
}

/** Takes an absent file for an empty configuration, and so a broken one after a warning, as Docker's client does. */
export async function readClientConfig(context: CliContext): Promise<ClientConfig> {
  const path = configPath(context)
  if (!(await context.files.exists(path))) return {}
  try {
    return parseConfig(await context.files.readText(path))
  } catch (error) {
    const { message } = error as Error
    await context.session.stderr.write(`WARNING: Error loading config file: ${path}: ${message}\n`)
    return {}
  }
}

/** The detach keys of the flag, else of the configuration; empty for the engine's default. */
export async function detachKeysOf(context: CliContext, given: string): Promise<string> {
  return given === '' ? ((await readClientConfig(context)).detachKeys ?? '') : given
}
