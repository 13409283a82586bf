/** Takes a directory tree away without keeping the engine from everything else meanwhile. */
import * as fs from 'node:fs'

/** Entries between two looks at what else there is to do: a few milliseconds in the guest. */
const BATCH = 64

/**
 * As `rm -rf`: what is not there is removed already. Rejects with node:fs's errors. (fs.rmSync asks for each entry's state
 * and permissions again and again, which takes a container's removal ten times longer.)
 */
export async function removeTree(path: string): Promise<void> {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (stat.isDirectory()) await removeDirectory(path, { done: 0 })
  else fs.unlinkSync(path)
}

async function removeDirectory(path: string, progress: { done: number }): Promise<void> {
  for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
    const child = `${path}/${entry.name}`
    if (entry.isDirectory()) await removeDirectory(child, progress)
    else fs.unlinkSync(child)
    if (++progress.done % BATCH === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  fs.rmdirSync(path)
}
