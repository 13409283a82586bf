/**
 * The guest's own kernel, its 9P client and its overlayfs, on the trees that we serve: each image's tree equals what
 * `umoci unpack` makes of the same layout, and writing above it behaves as on a local lower directory.
 *
 * A Python of the bundled images compares in the guest; it and the expectations get there as one more served layer.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runOnConsole } from '../../scripts/lib/machine/console-command.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'
import { publicDir } from '../../scripts/lib/paths.ts'
import { wholeFiles, type SiteFiles } from '../../web/src/catalogue/catalogue.ts'
import { describeDirectory, type Description } from '../support/describe-directory.ts'
import { Layout } from '../support/make-layout.ts'
import { makeTar, type TarPart } from '../support/make-tar.ts'
import { imageLayers, imageNames, readLayoutIndex, unpackByUmoci } from '../support/oci-layout-images.ts'
import { makeOddLayout } from '../support/odd-layout.ts'

const run = promisify(execFile)
const bundled = join(publicDir, 'images')
const names = await imageNames(bundled)
/** Milliseconds: reading 100 MB in the guest, on a busy machine too. */
const PATIENCE = 900_000
const PYTHON = 'docker.io/library/python:latest'

let scratch: string
let odd: string
let machine: HeadlessMachine
/** Layer directories in the guest, as overlayfs's lowerdir wants them: topmost first. */
const lower = new Map<string, string>()

beforeAll(async () => {
  await ensureTools('umoci', 'getfattr', 'setfattr')
  scratch = await mkdtemp(join(tmpdir(), 'porthole-nine-'))
  odd = await makeOddLayout()
  const expectations = new Map<string, Description>()
  for (const name of names) expectations.set(name, await describeByUmoci(bundled, name))
  expectations.set('odd', await describeByUmoci(odd, 'odd'))
  const probe = await makeProbe(expectations)
  for (const name of names) lower.set(name, lowerDirectories(await imageLayers(bundled, name)))
  lower.set('odd', lowerDirectories(await imageLayers(odd, 'odd')))
  lower.set('probe', lowerDirectories(probe.image.layers.map(({ diffId }) => diffId.slice('sha256:'.length))))
  machine = await HeadlessMachine.start({
    cold: true,
    waitForEngine: false,
    files: await siteWith(probe.layout),
  })
  await guest('mkdir -p /run/t/none /run/t/it /run/t/python /run/t/rw /run/t/digests')
  await guest(
    `mount -t overlay overlay -o ro,lowerdir=${lower.get('probe')}:${lower.get(PYTHON)} /run/t/python`,
  )
  await guest('mount --bind /run/t/digests /run/t/python/media')
}, PATIENCE)

afterAll(async () => {
  await machine?.close()
  await rm(scratch, { recursive: true, force: true })
})

/** What a command prints; a failing one fails the test. */
async function guest(command: string): Promise<string> {
  const { output, code } = await runOnConsole(machine.guest.machine.console, command)
  expect(code, `${command}\n${output}`).toBe(0)
  return output
}

async function describeByUmoci(layout: string, name: string): Promise<Description> {
  const bundle = await mkdtemp(join(scratch, 'bundle-')).then((folder) => join(folder, 'it'))
  await unpackByUmoci(layout, name, bundle)
  return describeDirectory(join(bundle, 'rootfs'), (content) => `crc32:${crc32(content).toString(16)}`)
}

function lowerDirectories(layers: readonly string[]): string {
  return layers
    .map((hex) => `/run/porthole/layers/${hex}`)
    .reverse()
    .join(':')
}

async function makeProbe(expectations: ReadonlyMap<string, Description>) {
  const script = await readFile(new URL('../fixtures/compare-tree.py', import.meta.url))
  const files = [...expectations].map(([name, lines]): TarPart => ({
    name: `probe/${fileName(name)}`,
    content: JSON.stringify(Object.fromEntries(lines)),
  }))
  const layout = new Layout()
  const image = layout.addImage([makeTar([{ name: 'probe/compare.py', content: script }, ...files])], {
    name: 'probe',
  })
  return { layout, image }
}

function fileName(image: string): string {
  return `${image.replace(/[^a-z]+/g, '-')}.json`
}

/** The built site with two more images in its catalogue. */
async function siteWith(probe: Layout): Promise<SiteFiles> {
  const probeIndex = JSON.parse(Buffer.from(probe.file('images/index.json')!).toString()) as {
    manifests: object[]
  }
  const oddIndex = await readLayoutIndex(odd)
  const bundledIndex = await readLayoutIndex(bundled)
  const manifests = [...bundledIndex.manifests, ...oddIndex.manifests, ...probeIndex.manifests]
  return wholeFiles(async (path) => {
    if (path === 'images/index.json')
      return new Uint8Array(Buffer.from(JSON.stringify({ ...bundledIndex, manifests })))
    const own = probe.file(path)
    if (own !== undefined) return own
    const inOdd = join(odd, path.replace(/^images\//, ''))
    return readFile(inOdd).catch(() => readFile(join(publicDir, path)))
  })
}

/** Compares an image, mounted read-only, with its expectation; the differences. */
async function compareInGuest(name: string): Promise<string[]> {
  await guest(`mount -t overlay overlay -o ro,lowerdir=${lower.get(name)}:/run/t/none /run/t/it`)
  await guest('mount --bind /run/t/it /run/t/python/mnt')
  const output = await guest(
    `chroot /run/t/python /usr/bin/python3 /probe/compare.py /mnt /probe/${fileName(name)} /media/digests.json`,
  )
  await guest('umount /run/t/python/mnt; umount /run/t/it')
  const lines = output.trim().split('\n')
  expect(lines.pop()).toMatch(/^compared [1-9]\d* paths$/)
  return lines
}

describe('the guest’s 9P client', () => {
  it('sees umoci’s tree in a layout of odd cases', async () => {
    expect(await compareInGuest('odd')).toEqual([])
  })

  it.each(names)(
    'sees umoci’s tree in %s',
    async (name) => {
      expect(await compareInGuest(name)).toEqual([])
    },
    PATIENCE,
  )

  it('finds no layer that nobody has', async () => {
    expect(await guest(`ls /run/porthole/layers/${'0'.repeat(64)} 2>&1 || echo absent`)).toContain('absent')
  })

  it('refuses to be written to', async () => {
    const [top] = lower.get('odd')!.split(':')
    expect(await guest(`touch ${top}/x 2>&1 || echo refused`)).toContain('Read-only file system')
  })
})

describe('an overlay above the served layers', () => {
  const host = { lower: '', root: '' }

  /** The same commands on both: their outputs are compared. */
  async function both(command: string): Promise<void> {
    const { stdout } = await run('sh', ['-ec', command], {
      cwd: host.root,
      env: { ...process.env, LC_ALL: 'C' },
    })
    // Through a pipe: on a terminal, ls makes columns.
    const inGuest = await guest(`cd /run/t/rw/root && { ${command}; } | cat; cd /`)
    expect(inGuest).toBe(stdout)
  }

  beforeAll(async () => {
    host.lower = await mkdtemp(join(scratch, 'host-'))
    host.root = join(host.lower, 'root')
    await unpackByUmoci(odd, 'odd', join(host.lower, 'odd'))
    const options = (at: string, lowerdir: string) =>
      `mkdir -p ${at}/upper ${at}/work ${at}/root && mount -t overlay overlay -o lowerdir=${lowerdir},upperdir=${at}/upper,workdir=${at}/work ${at}/root`
    await run('sh', ['-ec', options(host.lower, join(host.lower, 'odd/rootfs'))])
    await guest(options('/run/t/rw', lower.get('odd')!))
  })

  afterAll(() => run('umount', [host.root]))

  it('copies up, appends and changes modes', async () => {
    await both('echo more >> usr/bin/su; cat usr/bin/su; chmod 600 usr/bin/su; stat -c "%a %u %s" usr/bin/su')
  })

  it('deletes what a layer has, and makes it anew', async () => {
    await both(
      'rm swap/x; rmdir swap; ls -d [b-z]*; mkdir swap; ls -A swap; echo y > swap/y; ls swap; cat swap/y',
    )
  })

  it('keeps an opaque directory’s old content hidden, also after it was removed and made again', async () => {
    await both('ls -A var/cache; rm -r var/cache; mkdir var/cache; ls -A var/cache; ls -A var')
  })

  it('keeps links of one file together while they are only read', async () => {
    await both('cat usr/bin/su-too; readlink usr/link; ls dev')
  })

  it('leaves the layers as they were', async () => {
    expect(await compareInGuest('odd')).toEqual([])
  })
})
