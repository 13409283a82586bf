import type { RegistryCredentials } from '../../../protocol/api/content.ts'
import type { AuthConfig } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { authConfig } from './bodies/others.ts'
import { decodeJson } from './json/go-type.ts'
import { GoSyntaxError, parseWhole } from './json/scan-json.ts'

/**
 * Reads X-Registry-Auth: base64url of JSON. Undefined when it holds nothing to log in with, and when it can't be read:
 * dockerd then goes on without credentials, for the sake of old clients.
 */
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
    return decodeJson(authConfig, parseWhole(Buffer.from(header, 'base64url').toString()))
  } catch (thrown) {
    if (thrown instanceof GoSyntaxError || thrown instanceof EngineError) return {}
    throw thrown
  }
}
