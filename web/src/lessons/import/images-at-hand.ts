/** Which images a machine has at hand, as far as a reference tells. */
import { withLatest } from '../format/with-latest.ts'
import type { IsAtHand } from './command-needs.ts'

/** Images that every site brings along, in the tags that they have whatever Debian's version is. */
const BUNDLED = ['busybox', 'hello-world', 'debian', 'nginx', 'redis', 'python']

/** @param site references of the site's images, `docker.io/library/nginx:1` or `nginx:1` */
export function imagesAtHand(site: Iterable<string> = []): IsAtHand {
  const known = new Set([...BUNDLED, ...site].map((reference) => plainReference(reference)))
  return (reference) => {
    const plain = plainReference(reference.replace(/^["']|["']$/g, ''))
    // What a variable stands for is not known before the command runs.
    return (
      /[$<{]/.test(plain) ||
      plain.startsWith('registry.local') ||
      plain === 'scratch:latest' ||
      known.has(plain)
    )
  }
}

/** `docker.io/library/nginx` → `nginx:latest`, as people write it. */
export const plainReference = (reference: string): string =>
  withLatest(reference.replace(/^(?:docker\.io\/)?(?:library\/)?/, ''))
