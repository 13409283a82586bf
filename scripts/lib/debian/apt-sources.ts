import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { installPackages } from './host-tools.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { runText } from '../run.ts'

/** The Debian release from which everything in the guest comes. */
export const SUITE = 'trixie'

/** Debian's own address, for hosts that are not Debian and so have no mirror of it configured. */
const DEFAULT_MIRROR = 'http://deb.debian.org/debian'

const KEYRINGS = '/usr/share/keyrings'

/** The keys that sign the suites below; older keyring packages lack them. */
const SUITE_KEYS = ['.gpg', '.pgp', '.asc'].map((end) => `${KEYRINGS}/debian-archive-${SUITE}-stable${end}`)

export interface SuiteSource {
  suite: string
  uri: string
  /** A build needs this suite; the others bring updates only. */
  required: boolean
}

/** One line of `apt-get indextargets`, which tells from where the host gets a suite. */
interface HostTarget {
  uri: string
  suite: string
}

/** The suites to read, at the mirrors that the host's own apt is configured with. */
export async function suiteSources(): Promise<SuiteSource[]> {
  return chooseMirrors(await hostTargets(), await hostCodename())
}

/** The pure part of `suiteSources`: the mirror of the host's release also carries ours. */
export function chooseMirrors(targets: HostTarget[], codename: string): SuiteSource[] {
  const main = targets.find(({ suite }) => suite === codename)?.uri ?? DEFAULT_MIRROR
  const security =
    targets.find(({ suite }) => suite === `${codename}-security`)?.uri ?? `${trim(main)}-security`
  return [
    { suite: SUITE, uri: main, required: true },
    { suite: `${SUITE}-updates`, uri: main, required: false },
    { suite: `${SUITE}-security`, uri: security, required: false },
  ]
}

function trim(uri: string): string {
  return uri.replace(/\/+$/, '')
}

async function hostTargets(): Promise<HostTarget[]> {
  const text = await runText('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE)',
    'Created-By: Packages',
  ])
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([uri, suite]) => (uri && suite ? [{ uri, suite }] : []))
}

/** The release's name when the host is Debian; '' makes `chooseMirrors` take Debian's own address. */
async function hostCodename(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8')
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)`, 'm').exec(release)?.[1] ?? ''
  return value('ID') === 'debian' ? value('VERSION_CODENAME') : ''
}

/** Path of the keyring that Debian's lists are verified with; installed or updated through the host's apt if need be. */
export async function archiveKeyring(): Promise<string> {
  if (!SUITE_KEYS.some(existsSync)) {
    await installPackages(`the signing keys of Debian ${SUITE}`, ['debian-archive-keyring'])
  }
  if (!SUITE_KEYS.some(existsSync)) {
    const fix = 'upgrade the package debian-archive-keyring to 2025.1 or later and start again'
    throw new EngineError(
      'unavailable',
      `the host's debian-archive-keyring has no keys of Debian ${SUITE}: ${fix}`,
    )
  }
  const path = ['gpg', 'pgp'].map((end) => `${KEYRINGS}/debian-archive-keyring.${end}`).find(existsSync)
  if (path === undefined) throw new EngineError('unavailable', `no debian-archive-keyring in ${KEYRINGS}`)
  return path
}
