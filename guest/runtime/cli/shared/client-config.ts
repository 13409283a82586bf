/** The caller's ~/.docker/config.json: logins, and settings that stand in for flags (docker/cli cli/config/configfile). */
import type { CliContext } from './context.ts'

export interface ClientLogin {
  /** Base64 of `user:password`. */
  auth?: string
  identitytoken?: string
}

export interface ClientConfig {
  auths?: Record<string, ClientLogin>
  /** Where `--detach-keys` isn't given. */
  detachKeys?: string
  /** Kept as they are when the file is written again. */
  [other: string]: unknown
}

/** Docker's client keeps all its own files there. */
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

/** An absent file is an empty configuration; so is a broken one, after a warning, as in Docker's client. */
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

/** The keys that detach: those of the flag, else those of the configuration; empty for the engine's own. */
export async function detachKeysOf(context: CliContext, given: string): Promise<string> {
  return given === '' ? ((await readClientConfig(context)).detachKeys ?? '') : given
}
