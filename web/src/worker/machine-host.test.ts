import { expect, it } from 'vitest'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { MachineHost } from './machine-host.ts'

/** A host whose site never answers the request for a file; `gone` resolves when nobody wants the file any more. */
function stalledHost() {
  let ask!: () => void
  let leave!: () => void
  const asked = new Promise<void>((resolve) => (ask = resolve))
  const gone = new Promise<void>((resolve) => (leave = resolve))
  const stalled = (signal: AbortSignal | undefined): Promise<never> => {
    ask()
    signal?.addEventListener('abort', leave)
    return new Promise(() => undefined)
  }
  const host = new MachineHost({
    site: () => ({
      read: (_path, signal) => stalled(signal),
      stream: (_path, _offset, signal) => stalled(signal),
    }),
    openStore: () => new MemoryKeyValueStore(),
    wasm: () => Promise.reject(new Error('not reached')),
    now: () => 0,
  })
  return { host, asked, gone }
}

it('ends a boot that is under way, and may boot again', async () => {
  const { host, asked, gone } = stalledHost()
  for (let boots = 0; boots < 2; boots++) {
    const booting = host.boot({ baseUrl: 'http://site/' }, () => undefined)
    const ended = expect(booting).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the machine was shut down',
    })
    await asked
    await host.shutdown()
    await ended
    await gone
  }
})
