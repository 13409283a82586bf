/**
 * `registries.json` beside the page: which registries this site pulls from elsewhere, e.g.
 * `{"docker.io": "https://mirror.school.example"}`. As Docker's registry mirrors, they are asked with the same paths and
 * for pulls alone; unlike Docker, nothing else is asked when a mirror fails.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { parseReference } from '../../../guest/vocabulary/image-reference.ts'
import { parseJsonObject } from '../../../guest/vocabulary/json.ts'
import type { SiteFiles } from '../catalogue/catalogue.ts'
import { isLoopback, LOCAL_REGISTRY } from './registry-origin.ts'

const FILE = 'registries.json'

/** Origins, such as `https://mirror.school.example`, by the registry's name in references. */
export type Mirrors = ReadonlyMap<string, string>

export class RegistryMirrors {
  private readonly files: Pick<SiteFiles, 'read'>
  private mirrors: Promise<Mirrors> | undefined

  constructor(files: Pick<SiteFiles, 'read'>) {
    this.files = files
  }

  /**
   * The origin that is asked instead of the registry. The file is read once, when a registry of another machine is
   * asked for. Rejects with EngineError `invalid` when the file is wrong, `unavailable` when it cannot be read.
   */
  async originFor(domain: string): Promise<string | undefined> {
    if (domain === LOCAL_REGISTRY || isLoopback(domain)) return undefined
    this.mirrors ??= this.load().catch((error: unknown) => {
      this.mirrors = undefined // the network may come back
      throw error
    })
    return (await this.mirrors).get(domain)
  }

  private async load(): Promise<Mirrors> {
    let bytes: Uint8Array
    try {
      bytes = await this.files.read(FILE)
    } catch (error) {
      if (error instanceof EngineError && error.details['status'] === 404) return new Map()
      throw error
    }
    return parseMirrors(new TextDecoder().decode(bytes))
  }
}

/** @throws EngineError `invalid` that names the field, `corrupt` for what is no JSON object */
export function parseMirrors(text: string): Mirrors {
  return new Map(Object.entries(parseJsonObject(text, FILE)).map(parseEntry))
}

function parseEntry([domain, address]: [string, unknown]): [domain: string, origin: string] {
  if (!isRegistry(domain))
    throw new EngineError(
      'invalid',
      `${FILE}: "${domain}" is no registry as images name it, such as "docker.io" or "ghcr.io"`,
    )
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.host))
  // Docker has no paths in mirrors' addresses either.
  if (url === undefined || !isSafe || url.href !== `${url.origin}/`)
    throw new EngineError(
      'invalid',
      `${FILE}: "${domain}" must be an address without a path such as "https://mirror.school.example" (http is for this machine only)`,
    )
  return [domain, url.origin]
}

function isRegistry(domain: string): boolean {
  if (domain === LOCAL_REGISTRY || domain.includes('/')) return false
  try {
    return parseReference(`${domain}/a/b`).domain === domain
  } catch {
    return false // It says only that this is no reference.
  }
}
