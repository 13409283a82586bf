/** The caller's ~/.docker/config.json: logins, and settings that stand in for flags (docker/cli cli/config/configfile). */
import { isRecord } from '../../../protocol/wire/is-record.ts'
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

const isTextOrNothing = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string'

const isLogin = (value: unknown): value is ClientLogin =>
  isRecord(value) && isTextOrNothing(value.auth) && isTextOrNothing(value.identitytoken)

const isLogins = (value: unknown): value is ClientConfig['auths'] =>
  value === undefined || (isRecord(value) && Object.values(value).every(isLogin))

/** @throws Error saying what is wrong */
function parseConfig(text: string): ClientConfig {
  const value: unknown = JSON.parse(text)
  if (!isRecord(value)) throw new Error('it is not a JSON object')
  const { auths, detachKeys } = value
  if (!isLogins(auths)) throw new Error('"auths" is not an object of logins')
  if (!isTextOrNothing(detachKeys)) throw new Error('"detachKeys" is not a string')
  return { ...value, auths, detachKeys }
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
