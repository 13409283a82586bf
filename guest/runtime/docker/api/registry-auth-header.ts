import type { RegistryCredentials } from '../../../protocol/api/content.ts'
import type { AuthConfig } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'

/** X-Registry-Auth: base64url of JSON. Undefined when it holds nothing to log in with. Throws `invalid`. */
export function credentialsOf(headers: Readonly<Record<string, string>>): RegistryCredentials | undefined {
  const header = headers['x-registry-auth']
  if (!header) return undefined
  const { username, password, identitytoken, registrytoken } = parse(header)
  if (registrytoken) return { registryToken: registrytoken }
  if (identitytoken) return { ...(username && { username }), identityToken: identitytoken }
  return username ? { username, password: password ?? '' } : undefined
}

function parse(header: string): AuthConfig {
  try {
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) ?? {}) as AuthConfig
  } catch (thrown) {
    const message = 'invalid X-Registry-Auth header: it is not base64url of JSON'
    throw new EngineError('invalid', message, {}, thrown)
  }
}
