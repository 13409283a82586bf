/** Sends the credentials that `docker login` left in ~/.docker/config.json in the header that the engine takes. */
import type { AuthConfig } from '../../../../protocol/api/engine-api.ts'
import { readClientConfig } from '../../shared/client-config.ts'
import type { CliContext } from '../../shared/context.ts'

/** The key of Docker Hub in config.json. */
export const DOCKER_HUB_SERVER = 'https://index.docker.io/v1/'

export const serverKey = (domain: string): string => (domain === 'docker.io' ? DOCKER_HUB_SERVER : domain)

/** `X-Registry-Auth`, or no header when there is no login. @param domain the domain of the image reference */
export async function registryAuth(
  context: CliContext,
  domain: string,
): Promise<{ headers?: Record<string, string> }> {
  const server = serverKey(domain)
  const entry = (await readClientConfig(context)).auths?.[server]
  if (entry === undefined) return {}
  const [username = '', ...password] = Buffer.from(entry.auth ?? '', 'base64')
    .toString()
    .split(':')
  const auth: AuthConfig = { username, password: password.join(':'), serveraddress: server }
  if (entry.identitytoken !== undefined) auth.identitytoken = entry.identitytoken
  return { headers: encodeAuth(auth) }
}

export const encodeAuth = (auth: AuthConfig): Record<string, string> => ({
  'x-registry-auth': Buffer.from(JSON.stringify(auth)).toString('base64url'),
})
