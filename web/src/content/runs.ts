/**
 * Runs of blocks being written. `ingest/<key>` marks one as alive, so that garbage collection leaves it alone; a run
 * whose writer died is collected once nobody is likely to resume it.
 */
import { deleteRun } from './block-writer.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

/** A day: a download broken in the evening can go on the next morning. */
const RESUME_WINDOW = 24 * 60 * 60 * 1000
/**
 * Blocks of half-done content together; beyond it the oldest is given up, unless it began so lately that it may be in
 * use.
 */
const RESUME_BLOCKS = 1024
const IN_USE_WINDOW = 60 * 60 * 1000

const marker = (key: string): string => `ingest/${key}`

export async function beginRun(store: KeyValueStore, key: string): Promise<void> {
  await store.setMany([[marker(key), { started: Date.now() }]])
}

export async function endRun(store: KeyValueStore, key: string, discard: boolean): Promise<void> {
  if (discard) await deleteRun(store, key)
  await store.deleteMany([marker(key)])
}

/**
 * Keys of the runs that may still be written to; removes the markers of the others.
 * @param blocks the number of blocks of each run
 */
export async function liveRuns(
  store: KeyValueStore,
  now: number,
  blocks: ReadonlyMap<string, number>,
): Promise<Set<string>> {
  const names = await store.keys('ingest/')
  const markers = await Promise.all(names.map((name) => store.get(name)))
  const runs = names.map((name, index) => {
    const key = name.slice('ingest/'.length)
    const { started } = markers[index] as { started: number }
    return { name, key, age: now - started, blocks: blocks.get(key) ?? 0 }
  })
  const live = new Set<string>()
  let kept = 0
  for (const run of runs.sort((a, b) => a.age - b.age)) {
    kept += run.blocks
    const alive = run.age < IN_USE_WINDOW || (run.age < RESUME_WINDOW && kept <= RESUME_BLOCKS)
    if (alive) live.add(run.key)
    else await store.deleteMany([run.name])
  }
  return live
}

/** 128 random bits in hex; crypto.randomUUID is missing on plain HTTP. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
