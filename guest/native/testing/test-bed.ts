/**
 * Serves a launcher of this checkout on the host, for tests of real containers: needs root, namespaces and overlayfs.
 * The programs are of the host's own architecture, because not every 64-bit kernel runs i386 ones;
 * test/guest/containers.test.ts tries the seccomp programs, which only i386 has, in the guest.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watch } from 'node:fs'
import { AptRoot } from '../../../scripts/lib/debian/apt-root.ts'
import { busyboxApplets } from '../../../scripts/lib/busybox.ts'
import { cached } from '../../../scripts/lib/cache.ts'
import { hostArchitecture } from '../../../scripts/lib/debian/debian-programs.ts'
import { ensureTools } from '../../../scripts/lib/debian/host-tools.ts'
import { download, resolveAlone } from '../../../scripts/lib/debian/packages.ts'
import { projectRoot } from '../../../scripts/lib/paths.ts'
import { run, runText } from '../../../scripts/lib/run.ts'
import { digestSources } from '../../../scripts/lib/source-digest.ts'
import { EngineError } from '../../protocol/errors.ts'
import { SocketLauncherClient } from '../../runtime/host/launcher/launcher-client.ts'
import type { OciProcess, OciSpec } from '../../runtime/oci/spec.ts'

export interface TestBed {
  client: SocketLauncherClient
  /** A second client, as an engine that was restarted has. */
  reconnected(): SocketLauncherClient
  dir: string
  shimDir: string
  /** A directory with busybox and /etc files: a container's layer. */
  image: string
  close(): Promise<void>
}

async function busyboxTree(): Promise<string> {
  const root = await AptRoot.open(hostArchitecture().debian)
  const packages = await resolveAlone(root, ['busybox-static'])
  const inputs = { FORMAT: 1, packages: packages.map(({ name, sha256 }) => [name, sha256]) }
  return cached('test-busybox', inputs, async (dir) => {
    const debs = await download(root, packages)
    for (const deb of debs.values()) await run('dpkg-deb', ['--extract', deb, dir])
  })
}

async function makeImage(dir: string): Promise<void> {
  const program = await readFile(join(await busyboxTree(), 'usr/bin/busybox'))
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'home/www']) {
    await mkdir(join(dir, name), { recursive: true })
  }
  await writeFile(join(dir, 'bin/busybox'), program, { mode: 0o755 })
  for (const applet of busyboxApplets(program)) {
    if (applet !== 'busybox') await symlink('busybox', join(dir, 'bin', applet))
  }
  await writeFile(
    join(dir, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nwww:x:33:34:www:/home/www:/bin/sh\n',
  )
  await writeFile(join(dir, 'etc/group'), 'root:x:0:\nwww:x:34:\naudio:x:29:www,other\nvideo:x:44:\n')
}

async function buildLauncher(): Promise<string> {
  await ensureTools('gcc', 'make')
  const folder = join(projectRoot, 'guest/native')
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => /^(?!build\/).*(\.[ch]|Makefile)$/.test(name))
    .sort()
  const compiler = (await runText('gcc', ['--version'])).split('\n')[0]!
  const inputs = {
    FORMAT: 3,
    compiler,
    sources: await digestSources(...names.map((name) => `guest/native/${name}`)),
  }
  return cached('test-launcher', inputs, async (dir) => {
    // Built without patience after a process's end, so that whatever relies on it fails.
    await run('make', [
      '-C',
      folder,
      'CPPFLAGS=-DLINGER_MS=0',
      `BUILD=${dir}`,
      `${dir}/launcher`,
      `${dir}/docker`,
    ])
  })
}

export async function openTestBed(): Promise<TestBed> {
  if (process.getuid?.() !== 0) {
    throw new EngineError('forbidden', 'the launcher tests make namespaces and mounts: run them as root')
  }
  const program = join(await buildLauncher(), 'launcher')
  const dir = await mkdtemp(join(tmpdir(), 'porthole-launcher-'))
  const image = join(dir, 'image')
  const shimDir = join(dir, 'shim')
  await mkdir(shimDir)
  await mkdir(join(dir, 'root'))
  await makeImage(image)
  const socketPath = join(dir, 'launcher.sock')
  const listening = appears(dir, 'launcher.sock')
  const server = spawn(program, ['serve', '--socket', socketPath], {
    cwd: dir,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await Promise.race([listening, ended(server)])
  const connect = (): SocketLauncherClient => new SocketLauncherClient({ socketPath, shimDir })
  return {
    client: connect(),
    reconnected: connect,
    dir,
    shimDir,
    image,
    close: async () => {
      server.removeAllListeners('exit')
      server.kill('SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Resolves when the file is there; must be called before it can be there. */
function appears(dir: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(dir, (_event, file) => {
      if (file !== name) return
      watcher.close()
      resolve()
    })
  })
}

function ended(server: ChildProcess): Promise<never> {
  return new Promise((_resolve, reject) => {
    server.once('exit', (code) => reject(new EngineError('internal', `launcher serve ended with ${code}`)))
  })
}

/** A configuration as Docker makes them, small: all namespaces, /proc, /dev, masks, a few capabilities. */
export function testSpec(args: string[], process: Partial<OciProcess> = {}): OciSpec {
  const capabilities = ['CAP_CHOWN', 'CAP_SETUID', 'CAP_SETGID', 'CAP_KILL']
  return {
    ociVersion: '1.2.0',
    hostname: 'claims',
    process: {
      user: { uid: 0, gid: 0 },
      args,
      env: ['PATH=/bin'],
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      ...process,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
      },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    ],
    linux: {
      namespaces: [
        { type: 'pid' },
        { type: 'network' },
        { type: 'mount' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'cgroup' },
      ],
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/scsi', '/proc/not-there', '/sys/firmware'],
      readonlyPaths: ['/proc/sys', '/proc/bus'],
    },
  }
}
