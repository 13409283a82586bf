// @vitest-environment ./test/support/client-environment.ts
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BootProgress } from '../worker/machine-api.ts'
import type { MachineHandle } from './machine-handle.ts'
import { MachineState } from './machine-state.svelte.ts'

const RESULT = {
  ...{ buildId: 'b', restored: true, memory: 256, elapsed: 1, bytes: 2 },
  session: { outcome: { state: 'none' as const }, returned: [], keeps: 'never' as const },
}
const OPTIONS = { baseUrl: 'http://localhost/' }

function machine(
  boot: MachineHandle['api']['boot'],
  prefetch: MachineHandle['api']['prefetch'] = async () => {},
) {
  let die!: (reason: EngineError) => void
  const dead = new Promise<EngineError>((resolve) => (die = resolve))
  let terminated = 0
  const handle = {
    api: { boot, prefetch },
    openStream: () => Promise.reject(new EngineError('unavailable', 'no streams here')),
    dead,
    terminate: () => (terminated += 1),
  } as unknown as MachineHandle
  return { state: new MachineState(() => handle), die, terminated: () => terminated }
}

const report =
  (...progress: BootProgress[]): MachineHandle['api']['boot'] =>
  async (_options, onProgress) => {
    progress.forEach(onProgress)
    return RESULT
  }

describe('boot', () => {
  test('steps follow what the worker reports, bytes and notices included', async () => {
    const { state } = machine(
      report(
        { step: 'check', state: 'done' },
        { step: 'snapshot', state: 'running', loaded: 1, total: 4 },
        { step: 'snapshot', state: 'skipped', notice: 'made for another build' },
      ),
    )
    await state.boot(OPTIONS)
    expect(state.phase).toBe('ready')
    expect(state.steps.find(({ step }) => step === 'check')).toEqual({ step: 'check', state: 'done' })
    expect(state.notices).toEqual(['made for another build'])
    expect(state.steps.find(({ step }) => step === 'engine')!.state).toBe('waiting')
  })

  test('a failure keeps the step and the error, and ends the worker', async () => {
    const { state, terminated } = machine(async (_options, onProgress) => {
      onProgress({ step: 'snapshot', state: 'running' })
      throw new EngineError('corrupt', 'part-03: wrong digest')
    })
    expect(await state.boot(OPTIONS)).toBeUndefined()
    expect(state.phase).toBe('failed')
    expect(state.error).toMatchObject({ code: 'corrupt', message: 'part-03: wrong digest' })
    expect(state.current).toMatchObject({ step: 'snapshot', state: 'running' })
    expect(terminated()).toBe(1)
  })

  test('a page that cannot have a worker at all fails as clearly', async () => {
    const state = new MachineState(() => {
      throw new EngineError('not-supported', 'no WebAssembly')
    })
    await state.boot(OPTIONS)
    expect(state).toMatchObject({ phase: 'failed', error: { code: 'not-supported' } })
  })

  test('a machine that is stopped while it boots gives no handle, and the next boot is not disturbed', async () => {
    let stopped!: (reason: EngineError) => void
    const boot = () => new Promise<never>((_resolve, reject) => (stopped ??= reject))
    let terminated = 0
    const connect = () => ({
      api: { boot } as unknown as MachineHandle['api'],
      openStream: () => Promise.reject(new EngineError('unavailable', 'no streams here')),
      dead: new Promise<EngineError>(() => undefined),
      terminate: () => void (terminated += 1),
    })
    const state = new MachineState(connect)
    const first = state.boot(OPTIONS)
    state.stop()
    expect([state.phase, terminated]).toEqual(['idle', 1])
    void state.boot(OPTIONS)
    stopped(new EngineError('unavailable', 'the machine was stopped'))
    expect(await first).toBeUndefined()
    expect(state).toMatchObject({ phase: 'booting', error: undefined })
  })

  test('a machine that is stopped while it runs is not lost', async () => {
    const { state, die, terminated } = machine(report())
    await state.boot(OPTIONS)
    state.stop()
    die(new EngineError('unavailable', 'the machine was stopped'))
    await Promise.resolve()
    expect(state).toMatchObject({ phase: 'idle', error: undefined, handle: undefined })
    expect(terminated()).toBe(1)
  })

  test('a second boot forgets the first failure', async () => {
    let attempts = 0
    const { state } = machine(async () => {
      if (attempts++ === 0) throw new Error('cut')
      return RESULT
    })
    await state.boot(OPTIONS)
    await state.boot(OPTIONS)
    expect(state).toMatchObject({ phase: 'ready', error: undefined, result: RESULT })
  })

  test('a worker that dies later is told with its reason', async () => {
    const { state, die } = machine(report())
    await state.boot(OPTIONS)
    die(new EngineError('exhausted', 'out of memory'))
    await Promise.resolve()
    await Promise.resolve()
    expect(state).toMatchObject({ phase: 'lost', error: { message: 'out of memory' }, handle: undefined })
  })
})

describe('offline', () => {
  test('is ready only when everything was fetched', async () => {
    const seen: unknown[] = []
    const { state } = machine(report(), async (_images, onProgress) => {
      onProgress(5, 10)
      seen.push({ ...state.offline })
    })
    await state.boot(OPTIONS)
    await state.prepareOffline(['busybox'])
    expect(seen).toEqual([{ phase: 'fetching', loaded: 5, total: 10 }])
    expect(state.offline).toEqual({ phase: 'ready' })
  })

  test('is not ready when a file could not be fetched, and the machine runs on', async () => {
    const { state } = machine(report(), async () => {
      throw new EngineError('unavailable', 'chunk 12: the network is gone')
    })
    await state.boot(OPTIONS)
    await state.prepareOffline([])
    expect(state).toMatchObject({
      phase: 'ready',
      offline: { phase: 'unknown' },
      offlineError: { message: 'chunk 12: the network is gone' },
    })
  })
})
