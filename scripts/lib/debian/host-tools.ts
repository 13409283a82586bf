import { accessSync, constants } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { withLock } from '../lock.ts'
import { note } from '../log.ts'
import { cacheRoot } from '../paths.ts'
import { tryRun } from '../run.ts'

/** The programs that builds and tests call, each with its Debian package. */
const PACKAGE_OF = {
  gcc: 'gcc',
  make: 'make',
  flex: 'flex',
  bison: 'bison',
  bc: 'bc',
  perl: 'perl',
  bzip2: 'bzip2',
  xz: 'xz-utils',
  zstd: 'zstd',
  tar: 'tar',
  patch: 'patch',
  umoci: 'umoci',
  skopeo: 'skopeo',
  'docker-registry': 'docker-registry',
  htpasswd: 'apache2-utils',
  getfattr: 'attr',
  setfattr: 'attr',
  chromium: 'chromium',
  'firefox-esr': 'firefox-esr',
  WebKitWebDriver: 'webkit2gtk-driver',
  Xvfb: 'xvfb',
} as const satisfies Record<string, string>

export type HostTool = keyof typeof PACKAGE_OF

/** Advice for hosts whose apt has no such package. */
const ELSEWHERE: Partial<Record<HostTool, string>> = {
  chromium: 'Ubuntu has Chromium as a snap alone: set CHROMIUM to the program of another one',
  'firefox-esr': "Ubuntu has Firefox as a snap alone: set FIREFOX to the program of Mozilla's own archive",
}

/** Full path of a program in PATH, or undefined. */
export function findTool(name: string): string | undefined {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(dir, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // The program is not in this folder: accessSync has no other way to say so.
    }
  }
  return undefined
}

/**
 * Makes sure programs are installed: as root missing ones are installed through apt, otherwise the error says which
 * command would do it.
 */
export async function ensureTools(...tools: HostTool[]): Promise<void> {
  const missing = tools.filter((tool) => findTool(tool) === undefined)
  await installPackages(
    missing.join(', '),
    missing.map((tool) => PACKAGE_OF[tool]),
    missing.flatMap((tool) => ELSEWHERE[tool] ?? []).join('. '),
  )
  const still = missing.filter((tool) => findTool(tool) === undefined)
  if (still.length > 0)
    throw new EngineError('unavailable', `${still.join(', ')} is still missing after installing it`)
}

/**
 * Installs Debian packages on the host. `what` names what is missing, for the error; `elsewhere` ends the sentence where
 * apt does not have it.
 */
export async function installPackages(what: string, packages: string[], elsewhere = ''): Promise<void> {
  if (packages.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${[...new Set(packages)].join(' ')}`
  if (findTool('apt-get') === undefined) {
    throw new EngineError(
      'unavailable',
      `${what} is missing and apt-get is not here to install it: use Debian or Ubuntu`,
    )
  }
  if (process.getuid?.() !== 0) {
    throw new EngineError('unavailable', `${what} is missing: run \`sudo ${command}\` and start again`)
  }
  note(`  installing ${packages.join(', ')} on this machine`)
  await mkdir(cacheRoot(), { recursive: true })
  // Builds and tests that run at once may miss something each, and apt's lock of its lists fails who comes second.
  const reason = await withLock(join(cacheRoot(), 'host-packages.lock'), () => install(command))
  if (reason === undefined) return
  const advice = elsewhere === '' ? '' : `. ${elsewhere}`
  throw new EngineError('unavailable', `${what} is missing and \`${command}\` failed: ${reason}${advice}`)
}

/** Resolves with undefined, or with apt's own words when it fails. */
async function install(command: string): Promise<string | undefined> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const args = [...command.split(' ').slice(1), '-o', 'DPkg::Lock::Timeout=300']
  const first = await tryRun('apt-get', args, { env })
  if (first.status === 0) return undefined
  // When the package lists are missing or old, apt knows no such package or version.
  await tryRun('apt-get', ['update'], { env })
  const second = await tryRun('apt-get', args, { env })
  return second.status === 0 ? undefined : second.stderr.trim().split('\n').slice(-3).join(' ')
}
