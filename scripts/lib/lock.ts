import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { note } from './log.ts'

/** Milliseconds between two looks of a waiting build at whether the other one is done. */
const POLL_MS = 300

/** Tells apart the locks that this process holds or waits for at once. */
let acquisitions = 0

/**
 * Runs `work` while holding a lock file that names this process. A lock whose process is gone is taken over, so a
 * build that was killed blocks nobody.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const own = `${path}.${process.pid}.${++acquisitions}`
  await writeFile(own, `${process.pid}\n`)
  try {
    await acquire(path, own)
    try {
      return await work()
    } finally {
      await rm(path, { force: true })
    }
  } finally {
    await rm(own, { force: true })
  }
}

/** link(2) is atomic: of several processes exactly one gets the name. */
async function acquire(path: string, own: string): Promise<void> {
  for (let told = false; ;) {
    try {
      await link(own, path)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await lockHolder(path)
    if (holder !== undefined && isAlive(holder)) {
      if (!told && holder !== process.pid)
        note(`  waiting for another build (process ${holder}) to finish the same work`)
      told = true
      await delay(POLL_MS)
    } else if (holder !== undefined) {
      await rm(path, { force: true })
    }
  }
}

async function lockHolder(path: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(path, 'utf8'), 10)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
