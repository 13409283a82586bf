import { GUEST_SERVICES } from '../../../guest/protocol/api/guest-network.ts'

/** The name of the page's own registry, in references and in the guest. */
export const LOCAL_REGISTRY = GUEST_SERVICES.registryName

/** This machine: nobody in between can listen. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)
}

/** Docker Hub's registry has another name than its images; Docker, too, speaks plain HTTP to this machine only. */
export function registryOrigin(domain: string): string {
  if (domain === 'docker.io') return 'https://registry-1.docker.io'
  return `${domain === LOCAL_REGISTRY || isLoopback(domain) ? 'http' : 'https'}://${domain}`
}
