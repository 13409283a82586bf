import { GUEST_SERVICES } from '../../../guest/protocol/api/guest-network.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'

/** The name of the page's own registry, in references and in the guest. */
export const LOCAL_REGISTRY = GUEST_SERVICES.registryName

/** True for this machine: nobody can listen in between. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)
}

/**
 * The address of a registry. Docker Hub's has another name than its images; plain HTTP goes to this machine only, as in
 * Docker.
 * @throws EngineError `invalid` for a reference without a registry (`a_b.c/x`), in the words of Docker's HTTP client
 */
export function registryOrigin(domain: string): string {
  if (domain === '') throw new EngineError('invalid', 'Get "https:///v2/": http: no Host in request URL')
  if (domain === 'docker.io') return 'https://registry-1.docker.io'
  return `${domain === LOCAL_REGISTRY || isLoopback(domain) ? 'http' : 'https'}://${domain}`
}
