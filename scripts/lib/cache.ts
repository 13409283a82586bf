import { existsSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { type Json, hashJson } from './hash.ts'
import { withLock } from './lock.ts'
import { step } from './log.ts'
import { cacheRoot } from './paths.ts'

/** Milliseconds: no build takes a day. */
const LONGEST_BUILD = 24 * 60 * 60 * 1000

/**
 * Makes the folder of a slow product once for its inputs: `<cache>/<kind>/<sha256 of the inputs>/`. `inputs` must name
 * everything that the product depends on: contents or digests of sources, package versions and digests, and a version
 * number of the script itself. `make` fills an empty folder, which is renamed into place when it is done, so that the
 * cache only ever holds whole products. Builds of one product exclude each other across processes.
 */
export async function cached(
  kind: string,
  inputs: { [key: string]: Json },
  make: (dir: string) => Promise<void>,
): Promise<string> {
  const home = join(cacheRoot(), kind)
  const key = hashJson(inputs)
  const final = join(home, key)
  if (existsSync(final)) return touched(final)
  await mkdir(home, { recursive: true })
  return withLock(join(home, `${key}.lock`), async () => {
    if (existsSync(final)) return touched(final)
    await clearDrafts(home)
    const draft = await mkdtemp(join(home, '.draft-'))
    try {
      await step(`building ${kind}`, () => make(draft))
      await rename(draft, final)
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      throw error
    }
    return final
  })
}

/** Removes what builds left that were killed: a kernel's is more than a gigabyte. */
async function clearDrafts(home: string): Promise<void> {
  const drafts = (await readdir(home)).filter((name) => name.startsWith('.draft-'))
  for (const draft of drafts.map((name) => join(home, name))) {
    // A draft that another build has just finished is gone.
    const age = Date.now() - (statSync(draft, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > LONGEST_BUILD) await rm(draft, { recursive: true, force: true })
  }
}

/** Sets the folder's time to now, so that folders which have not been used for long can be told and cleared. */
async function touched(dir: string): Promise<string> {
  const now = new Date()
  await utimes(dir, now, now)
  return dir
}
