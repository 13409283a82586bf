import { GUEST_SERVICES } from '../../../guest/protocol/api/guest-network.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'

/** The name of the page's own registry, in references and in the guest. */
export const LOCAL_REGISTRY = GUEST_SERVICES.registryName

/** This machine: nobody in between can listen. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)
}

/**
 * Docker Hub's registry has another name than its images; Docker, too, speaks plain HTTP to this machine only.
 * @throws EngineError `invalid` for a reference without a registry (`a_b.c/x`), as Docker's HTTP client says it
 */
export function registryOrigin(domain: string): string {
  if (domain === '') throw new EngineError('invalid', 'Get "https:///v2/": http: no Host in request URL')
  if (domain === 'docker.io') return 'https://registry-1.docker.io'
  return `${domain === LOCAL_REGISTRY || isLoopback(domain) ? 'http' : 'https'}://${domain}`
}
