import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'

/** The content of `site.json`, which whoever serves the site writes; both origins have the same file. */
export interface SiteConfig {
  /** The address of the page, absolute, with a trailing slash. */
  page: string
  /** The address of the same files on another origin, which is used for previews only. */
  preview: string
}

/** Undefined for a site without an origin for previews (`{}`). @throws EngineError `invalid` with what is wrong */
export function parseSiteConfig(value: unknown): SiteConfig | undefined {
  if (!isRecord(value)) throw new EngineError('invalid', 'site.json is not a JSON object')
  if (value.page === undefined && value.preview === undefined) return undefined
  const page = siteAddress(value, 'page')
  const preview = siteAddress(value, 'preview')
  if (new URL(page).origin === new URL(preview).origin)
    throw new EngineError('invalid', 'site.json: "preview" must be on another origin than "page"')
  return { page, preview }
}

function siteAddress(config: Record<string, unknown>, key: 'page' | 'preview'): string {
  const text = config[key]
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new EngineError('invalid', `site.json: "${key}" must be an address such as "https://lab.example/"`)
  return url.href.endsWith('/') ? url.href : `${url.href}/`
}

/** Reads `site.json` beside the page. Rejects with EngineError `unavailable` or `invalid`. */
export async function loadSiteConfig(): Promise<SiteConfig | undefined> {
  const response = await fetch('./site.json')
  if (response.status === 404) return undefined
  if (!response.ok) throw new EngineError('unavailable', `site.json: the server answered ${response.status}`)
  return parseSiteConfig(await response.json())
}
