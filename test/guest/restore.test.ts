import { describe, expect, it } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import type { HeadlessOptions } from '../../scripts/lib/machine/headless-machine.ts'
import { publicDir } from '../../scripts/lib/paths.ts'
import { siteFolder } from '../../scripts/lib/site-folder.ts'
import { EngineApi } from '../../guest/vocabulary/engine-client/engine-api.ts'
import { wholeFiles } from '../../web/src/catalogue/catalogue.ts'
import type { SiteFiles } from '../../web/src/catalogue/catalogue.ts'
import type { BootProgress } from '../../web/src/vm/boot-progress.ts'
import { DEFAULT_MEMORY } from '../../web/src/vm/boot.ts'
import { snapshotPath } from '../../web/src/vm/snapshot.ts'

const RESTORES = 10

/** The site, with one file changed on its way. */
function changed(matches: (path: string) => boolean, change: (bytes: Uint8Array) => Uint8Array): SiteFiles {
  const site = siteFolder(publicDir)
  return wholeFiles(async (path) => {
    const bytes = await site.read(path)
    return matches(path) ? change(bytes) : bytes
  })
}

async function using<T>(
  options: HeadlessOptions,
  work: (machine: HeadlessMachine) => Promise<T>,
): Promise<T> {
  const machine = await HeadlessMachine.start(options)
  try {
    return await work(machine)
  } finally {
    await machine.close()
  }
}

async function output(machine: HeadlessMachine, command: string): Promise<string> {
  const { code, stdout, stderr } = await machine.exec(command)
  expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' })
  return stdout.trim()
}

describe('a restored guest', () => {
  it(
    'differs from every other restore in kernel random numbers, container ids and MACs',
    { timeout: 1_200_000 },
    async () => {
      const facts: { random: string; id: string; mac: string }[] = []
      for (let count = 0; count < RESTORES; count++) {
        facts.push(
          await using({}, async (machine) => {
            expect(machine.guest.restored).toBe(true)
            const format = '{{range .NetworkSettings.Networks}}{{.MacAddress}}{{end}}'
            const script = `od -An -N16 -tx1 /dev/urandom; docker run -q -d --name one busybox sleep 1000; docker inspect -f '${format}' one`
            const [random, id, mac] = (await output(machine, script)).split('\n') as [string, string, string]
            return { random, id, mac }
          }),
        )
      }
      for (const fact of ['random', 'id', 'mac'] as const) {
        expect(new Set(facts.map((all) => all[fact])).size, fact).toBe(RESTORES)
      }
    },
  )

  it('has the host’s time within a second', async () => {
    await using({}, async (machine) => {
      const before = Date.now()
      const { SystemTime } = await new EngineApi(machine.transport).json('GET', '/info')
      const guest = Date.parse(SystemTime)
      expect(guest).toBeGreaterThan(before - 1000)
      expect(guest).toBeLessThan(Date.now() + 1000)
    })
  })

  it('is refused, naming the file, when a part of the snapshot is damaged', async () => {
    const flip = (bytes: Uint8Array) => {
      const damaged = new Uint8Array(bytes)
      damaged[damaged.length >> 1]! ^= 1
      return damaged
    }
    const files = changed((path) => path.endsWith('.zst.01'), flip)
    await expect(HeadlessMachine.start({ files })).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('.zst.01'),
    })
  })

  it('is not made of a snapshot of another build: it boots cold, with a notice', async () => {
    const files = changed(
      (path) => path === snapshotPath(DEFAULT_MEMORY),
      (bytes) =>
        Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(bytes).toString()), buildId: 'another' })),
    )
    const progress: BootProgress[] = []
    const onProgress = (step: BootProgress) => void progress.push(step)
    await using({ files, onProgress, waitForEngine: false }, async (machine) => {
      expect(machine.guest.restored).toBe(false)
      expect(progress).toContainEqual({
        step: 'snapshot',
        state: 'skipped',
        notice: expect.stringContaining('the snapshot is of build another'),
      })
      await Promise.resolve()
    })
  })
})
