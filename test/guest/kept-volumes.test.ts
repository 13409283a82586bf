/** Volumes over a reload of the page: one machine after another over the same store. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KeptVolumes } from '../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../guest/protocol/errors.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { EngineClient } from '../../web/src/client/engine-client.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { PrefixedStore } from '../../web/src/storage/prefixed-store.ts'
import { VolumeShelf } from '../../web/src/volumes/volume-shelf.ts'
import { contentOf } from '../contract/volume-shelf.ts'

/** A browser's storage that can be too full for a volume's data; a container's lease of its layers still finds room. */
class FillableStore extends MemoryKeyValueStore {
  full = false

  override setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    if (this.full && entries.some(([key]) => key.startsWith('volumes/')))
      return Promise.reject(new EngineError('exhausted', 'the storage is full'))
    return super.setMany(entries)
  }
}

let store: FillableStore
let machine: HeadlessMachine

beforeEach(async () => {
  store = new FillableStore()
  machine = await HeadlessMachine.start({ keyValues: store })
})

afterEach(() => machine.close())

/** Without a word to the engine, as a tab that is closed. */
async function reload(): Promise<void> {
  await machine.close()
  machine = await HeadlessMachine.start({ keyValues: store })
}

const guest = (command: string): Promise<string> => machine.output(command)

/** The first state that `wanted` holds for. */
async function until(wanted: (kept: KeptVolumes) => boolean): Promise<KeptVolumes> {
  const stop = new AbortController()
  try {
    for await (const kept of new EngineClient(machine.transport).keptVolumes(stop.signal))
      if (wanted(kept)) return kept
  } finally {
    stop.abort()
  }
  throw new Error('the engine told no more of the volumes')
}

/** What a container left is marked as changed before its end is told, so that this waits for its save. */
const saved = () => until(({ state }) => state === 'saved')

const LIST = `cd /d && find . -exec stat -c "%n %F %a %u %g %h %s %Y %N" {} + | grep -v -E "^[.] " | sort`

describe('a reload', () => {
  test('keeps a named volume with everything that its files are', async () => {
    await guest('docker volume create --label of=test data')
    const inspect = () => guest('docker volume inspect data')
    const made = await inspect()
    const script = `
import os
os.chdir('/d')
os.makedirs('deep/er', 0o750)
open('deep/er/file', 'w').write('kept')
os.chmod('deep/er/file', 0o4640); os.chown('deep/er/file', 33, 34); os.chmod('deep/er/file', 0o4640)
os.setxattr('deep/er/file', 'user.colour', b'blue')
os.link('deep/er/file', 'hard'); os.symlink('../../out/of/it', 'link'); os.mkfifo('pipe', 0o600)
open('big', 'wb').write(os.urandom(3000000)); open('empty', 'w')
os.utime('deep', (1e9, 1e9)); os.chmod('.', 0o1777); os.chown('.', 5, 6)`
    await guest(`docker run --rm -v data:/d python python3 -c "${script}"`)
    const list = () =>
      guest(`docker run --rm -v data:/d busybox sh -c '${LIST}; md5sum big; stat -c "%a %u %g" .'`)
    const files = await list()
    expect(files).toMatch(/deep\/er\/file regular file 4640 33 34 2 4 /)
    await saved()
    await reload()
    expect(await inspect()).toBe(made)
    expect(await list()).toBe(files)
    const xattr = `docker run --rm -v data:/d:ro python python3 -c "import os; print(os.getxattr('/d/hard', 'user.colour'))"`
    expect(await guest(xattr)).toBe("b'blue'")
  })

  test('brings data into the guest without a container that asks for it', async () => {
    await guest(`docker run --rm -v data:/d busybox sh -c 'echo kept > /d/f'`)
    await saved()
    await reload()
    const file = '/var/lib/docker/volumes/data/_data/f'
    await expect.poll(() => guest(`cat ${file} 2>/dev/null || true`), { timeout: 60_000 }).toBe('kept')
  })

  test('keeps what was there before a kill of the engine, and what came after', async () => {
    await guest(`docker run --rm -v data:/d busybox sh -c 'echo before > /d/one'`)
    await expect(machine.exec('kill -9 $(pidof node)')).rejects.toMatchObject({ code: 'unavailable' })
    const alive = () => guest('docker volume ls -q').catch(() => 'no engine')
    await expect.poll(alive, { interval: 1000, timeout: 200_000 }).toBe('data')
    await guest(`docker run --rm -v data:/d busybox sh -c 'echo after > /d/two'`)
    await saved()
    await reload()
    expect(await guest(`docker run --rm -v data:/d busybox cat /d/one /d/two`)).toBe('before\nafter')
  })

  test('forgets removed, pruned and anonymous volumes, and the containers that had the others', async () => {
    const volumes = () => guest('docker volume ls -q')
    await guest('docker volume create removed && docker volume create pruned && docker volume create kept')
    await guest('docker run --rm -v /scratch busybox touch /scratch/x')
    expect(await volumes()).toBe('kept\npruned\nremoved')
    await guest('docker run --name left -v /scratch -v kept:/d busybox touch /scratch/x')
    await saved()
    await guest('docker volume rm removed')
    await guest('docker volume prune -a -f')
    await reload()
    expect(await volumes()).toBe('kept')
    await guest('docker volume rm kept')
    await reload()
    expect(await volumes()).toBe('')
    expect(await store.keys('volumes/')).toEqual([])
  })
})

describe('what a running container writes', () => {
  const shelf = () => new VolumeShelf(new PrefixedStore(store, 'volumes/'))
  const keptText = async () => (await contentOf(shelf(), 'live')).toString('latin1')

  test('is kept while it runs, and it runs on', async () => {
    await guest(`docker run -d --name writer -v live:/d busybox sh -c 'echo first > /d/f; sleep 10000'`)
    await expect.poll(keptText, { timeout: 120_000, interval: 500 }).toContain('first\n')
    await guest(`docker exec writer sh -c 'echo second >> /d/f'`)
    await expect.poll(keptText, { timeout: 120_000, interval: 500 }).toContain('first\nsecond\n')
    expect(await guest(`docker inspect -f '{{.State.Status}}' writer`)).toBe('running')
    expect(await guest('cat /sys/fs/cgroup/docker/*/cgroup.freeze')).toBe('0')
  })

  test('is kept when the page asks, whoever wrote it', async () => {
    await guest('docker volume create live && echo by-hand > /var/lib/docker/volumes/live/_data/f')
    expect(await new EngineClient(machine.transport).saveVolumes()).toMatchObject({ state: 'saved' })
    expect(await keptText()).toContain('by-hand\n')
  })
})

test('a store without room is told of, and used again when it has some', async () => {
  await guest(`docker run --rm -v data:/d busybox sh -c 'echo old > /d/f'`)
  await saved()
  store.full = true
  await guest(`docker run --rm -v data:/d busybox sh -c 'echo new > /d/f'`)
  const { reason } = await until(({ state }) => state === 'unsaved')
  expect(reason).toBe('the storage is full')
  store.full = false
  expect(await new EngineClient(machine.transport).saveVolumes()).toMatchObject({ state: 'saved' })
  await reload()
  expect(await guest('docker run --rm -v data:/d busybox cat /d/f')).toBe('new')
})
