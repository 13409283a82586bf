/**
 * A request to the registry of the page, on a channel stream of its own (`service: 'registry'`, guest → page). The caller
 * writes the body and ends its side; the answer is one line of JSON, `RegistryResponseHead`, and then the body's bytes.
 */
export interface RegistryRequestHead {
  method: string
  /** Path and query. */
  url: string
  /** Names in lower case. */
  headers: Record<string, string>
}

export interface RegistryResponseHead {
  status: number
  headers: Record<string, string>
}
