import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { type SuiteSource, archiveKeyring, suiteSources } from './apt-sources.ts'
import { findTool } from './host-tools.ts'
import { withLock } from '../lock.ts'
import { note, step } from '../log.ts'
import { cacheRoot } from '../paths.ts'
import { writeIfChanged } from '../publish.ts'
import { run, tryRun } from '../run.ts'

/** The architecture of the guest. */
const GUEST_ARCHITECTURE = 'i386'

/** Debian's lists that an apt reads, as `Types:` of a sources file names them. */
type ListType = 'deb' | 'deb-src'

/**
 * A private apt: Debian of one architecture with lists, state and archives of its own under the cache, so that neither the host's
 * release nor its installed packages matter and nothing of the host is touched. The host's configuration files are
 * still read, for proxies and certificates. Lists are verified against Debian's archive keys; unsigned or mismatching
 * lists are never used.
 *
 * Lists are fetched once and kept until `refresh`: equal lists resolve to equal packages, so later builds find their
 * products in the cache even without a network.
 */
export class AptRoot {
  readonly dir: string
  readonly architecture: string
  readonly configFile: string
  private readonly listType: ListType

  private constructor(dir: string, architecture: string, listType: ListType) {
    this.dir = dir
    this.architecture = architecture
    this.listType = listType
    this.configFile = join(dir, 'apt.conf')
  }

  static open(architecture = GUEST_ARCHITECTURE): Promise<AptRoot> {
    const name = architecture === GUEST_ARCHITECTURE ? 'apt' : `apt-${architecture}`
    return AptRoot.openAt(name, architecture, 'deb')
  }

  /** Opens an apt of its own that knows Debian's source packages and no others. */
  static openSources(): Promise<AptRoot> {
    return AptRoot.openAt('apt-source', GUEST_ARCHITECTURE, 'deb-src')
  }

  private static async openAt(name: string, architecture: string, listType: ListType): Promise<AptRoot> {
    if (findTool('apt-get') === undefined || findTool('dpkg-deb') === undefined) {
      throw new EngineError('unavailable', 'apt-get and dpkg-deb are missing: build on Debian or Ubuntu')
    }
    const root = new AptRoot(join(cacheRoot(), name), architecture, listType)
    await mkdir(root.dir, { recursive: true })
    await writeIfChanged(root.configFile, configuration(root, root.sourcesFile))
    if (!existsSync(root.sourcesFile)) {
      await root.exclusively(async () => {
        if (!existsSync(root.sourcesFile)) await root.fetchLists()
      })
    }
    return root
  }

  get archives(): string {
    return join(this.dir, 'cache/archives')
  }

  private get sourcesFile(): string {
    return join(this.dir, 'debian.sources')
  }

  /**
   * Runs a tool of apt inside this root, in the folder of archives (`apt-get download` stores where it runs); throws
   * with apt's own words when it fails.
   */
  async apt(tool: 'apt-get' | 'apt-cache', ...args: string[]): Promise<string> {
    return (await run(tool, ['-c', this.configFile, ...args], { cwd: this.archives })).toString()
  }

  /** Fetches the signed lists anew. */
  async refresh(): Promise<void> {
    await this.exclusively(() => this.fetchLists())
  }

  private exclusively(work: () => Promise<void>): Promise<void> {
    return withLock(join(this.dir, 'refresh.lock'), () => step('package lists of Debian', work))
  }

  private async fetchLists(): Promise<void> {
    const keyring = await archiveKeyring()
    for (const sub of ['state/lists/partial', 'cache/archives/partial', 'none', 'empty/partial']) {
      await mkdir(join(this.dir, sub), { recursive: true })
    }
    await writeFile(join(this.dir, 'status'), '')
    const usable: SuiteSource[] = []
    for (const source of await suiteSources()) {
      const draft = join(this.dir, `${source.suite}.sources`)
      await writeFile(draft, stanza(this.listType, source, keyring))
      if (await this.update(source, draft)) usable.push(source)
      await rm(draft)
    }
    const draft = `${this.sourcesFile}.new`
    await writeFile(draft, usable.map((source) => stanza(this.listType, source, keyring)).join('\n'))
    await rename(draft, this.sourcesFile)
  }

  /** Fetches one suite's lists; an update suite that the mirror serves in pieces is left out with a notice. */
  private async update(source: SuiteSource, sourcesFile: string): Promise<boolean> {
    const only = ['-o', `Dir::Etc::sourcelist=${sourcesFile}`, '-o', 'APT::Get::List-Cleanup=false']
    const result = await tryRun('apt-get', [
      '-c',
      this.configFile,
      ...only,
      '-o',
      'APT::Update::Error-Mode=any',
      'update',
    ])
    if (result.status === 0) return true
    const reason =
      result.stderr
        .split('\n')
        .find((line) => line.startsWith('E:'))
        ?.slice(3) ?? `status ${result.status}`
    const text = `Debian's lists of ${source.suite} could not be had from ${source.uri}: ${reason}`
    if (source.required) {
      throw new EngineError(
        'unavailable',
        `${text}. Check the network and the host's apt sources (apt-get update).`,
      )
    }
    note(`  left out: ${text}`)
    return false
  }

  /** The signed release files, which name every list's sha256: a text that changes whenever the lists do. */
  async listsFingerprint(): Promise<string[]> {
    const sources = await readFile(this.sourcesFile, 'utf8')
    const policy = await this.apt(
      'apt-get',
      'indextargets',
      '--format',
      '$(FILENAME)',
      `Created-By: ${this.listType === 'deb' ? 'Packages' : 'Sources'}`,
    )
    const files = policy.split('\n').filter((path) => path !== '')
    const releases = [...new Set(files.map((path) => path.replace(/_main_.*$/, '_InRelease')))].filter(
      existsSync,
    )
    return [sources, ...(await Promise.all(releases.sort().map((path) => readFile(path, 'utf8'))))]
  }
}

function stanza(type: ListType, { suite, uri }: SuiteSource, keyring: string): string {
  return `Types: ${type}\nURIs: ${uri}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`
}

/** apt reads this after the host's files; it clears the host's hooks, which would run on our lists. */
function configuration({ dir, architecture }: AptRoot, sourcesFile: string): string {
  return `#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Default-Release "";
Acquire::Languages "none";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Dir::State "${dir}/state";
Dir::State::status "${dir}/status";
Dir::State::extended_states "${dir}/state/extended_states";
Dir::Cache "${dir}/cache";
Dir::Cache::archives "${dir}/cache/archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "${sourcesFile}";
Dir::Etc::sourceparts "${dir}/none";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "${dir}/none";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "${dir}/none";
`
}
