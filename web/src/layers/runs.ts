/**
 * Runs of blocks being written. `ingest/<key>` marks one as alive, so that garbage collection leaves it alone; a run
 * whose writer died is collected once nobody is likely to resume it.
 */
import { deleteRun } from './block-writer.ts'
import type { KeyValueStore } from './key-value-store.ts'

/** A day: a download broken in the evening can go on the next morning. */
const RESUME_WINDOW = 24 * 60 * 60 * 1000

const marker = (key: string): string => `ingest/${key}`

export async function beginRun(store: KeyValueStore, key: string): Promise<void> {
  await store.setMany([[marker(key), { started: Date.now() }]])
}

export async function endRun(store: KeyValueStore, key: string, discard: boolean): Promise<void> {
  if (discard) await deleteRun(store, key)
  await store.deleteMany([marker(key)])
}

/** Keys of the runs that may still be written to; markers of the others are removed. */
export async function liveRuns(store: KeyValueStore, now: number): Promise<Set<string>> {
  const live = new Set<string>()
  for (const name of await store.keys('ingest/')) {
    const { started } = (await store.get(name)) as { started: number }
    if (now - started < RESUME_WINDOW) live.add(name.slice('ingest/'.length))
    else await store.deleteMany([name])
  }
  return live
}

/** 128 random bits in hex; crypto.randomUUID is missing on plain HTTP. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
