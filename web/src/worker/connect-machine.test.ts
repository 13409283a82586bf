import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expose, transfer } from 'comlink'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { byteStreamContract } from '../../../test/contract/byte-stream.ts'
import { connectWorker } from './connect-machine.ts'
import type { WorkerLike } from './connect-machine.ts'
import type { MachineApi } from './machine-api.ts'
import { PortStream } from './port-stream.ts'

const opened: MessagePort[] = []
afterEach(() => {
  for (const port of opened.splice(0)) port.close()
})

/** Acts as a worker without a thread: its global scope is the other end of a port. */
function fakeWorker(api: Partial<MachineApi>) {
  const { port1, port2 } = new MessageChannel()
  opened.push(port1, port2)
  expose(api, port2)
  const listeners = new Map<string, (event: Event) => void>()
  const add = port1.addEventListener.bind(port1) as WorkerLike['addEventListener']
  let terminated = false
  const worker = Object.assign(port1, {
    addEventListener(type: string, listener: (event: Event) => void) {
      if (type === 'error') listeners.set(type, listener)
      else add(type as 'error', listener)
    },
    terminate: () => (terminated = true),
  }) as unknown as WorkerLike
  const crash = (message: string) => listeners.get('error')!(Object.assign(new Event('error'), { message }))
  return { worker, crash, isTerminated: () => terminated }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const never = () => new Promise<never>(() => undefined)

describe('the page’s end of the machine', () => {
  it('rejects with the worker’s EngineError whole: code, details and cause', async () => {
    const cause = new EngineError('unavailable', 'the server answered 503', { status: 503 })
    const error = new EngineError('corrupt', 'state.zst.00 is damaged', { file: 'state.zst.00' }, cause)
    const { worker } = fakeWorker({ pause: () => Promise.reject(error) })
    const thrown: unknown = await connectWorker(worker)
      .api.pause()
      .catch((reason: unknown) => reason)
    expect(thrown).toBeInstanceOf(EngineError)
    expect((thrown as EngineError).toJSON()).toEqual(error.toJSON())
  })

  it('passes progress on while a call is under way', async () => {
    const { worker } = fakeWorker({
      prefetch: async (_images, onProgress) => {
        onProgress(1, 2)
        onProgress(2, 2)
      },
    })
    const seen: [number, number][] = []
    await new Promise<void>((done) => {
      void connectWorker(worker).api.prefetch(['busybox'], (loaded, total) => {
        seen.push([loaded, total])
        if (loaded === total) done()
      })
    })
    expect(seen).toEqual([
      [1, 2],
      [2, 2],
    ])
  })

  it('rejects pending calls and streams when the worker crashes, and every later call', async () => {
    const { port1, port2 } = new MessageChannel()
    opened.push(port1)
    const { worker, crash, isTerminated } = fakeWorker({
      stats: never,
      openStream: () => Promise.resolve(transfer(port2, [port2])),
    })
    const machine = connectWorker(worker)
    const stream = await machine.openStream({ service: 'engine' })
    const pending = Promise.allSettled([machine.api.stats(), stream.read(), stream.closed])
    crash('out of memory')
    for (const call of await pending) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
    }
    await expect(machine.api.pause()).rejects.toThrow('out of memory')
    await expect(machine.openStream({ service: 'engine' })).rejects.toThrow('out of memory')
    expect((await machine.dead).message).toContain('out of memory')
    expect(isTerminated()).toBe(true)
  })

  it('holds neither a stream that is over nor the answer of a call', async () => {
    const stats = { bytesFetched: 1, bytesMissing: 0, offlineReady: true, guestMemory: 1, wasmMemory: 1 }
    const { worker } = fakeWorker({
      stats: () => Promise.resolve(stats),
      openStream: async () => {
        const { port1, port2 } = new MessageChannel()
        await new PortStream(port1).end()
        return transfer(port2, [port2])
      },
    })
    const machine = connectWorker(worker)
    const use = async () => {
      const stream = await machine.openStream({ service: 'engine' })
      expect(await stream.read()).toBe(null)
      await stream.end()
      await stream.closed
      const used = [new WeakRef<object>(stream), new WeakRef<object>(await machine.api.stats())]
      // The port itself keeps its last message.
      await machine.api.stats()
      return used
    }
    const used = await use()
    await vi.waitFor(() => {
      collectGarbage()
      expect(used.map((ref) => ref.deref())).toEqual([undefined, undefined])
    })
    machine.terminate()
  })

  it('rejects pending calls when it is terminated', async () => {
    const { worker } = fakeWorker({ resume: never })
    const machine = connectWorker(worker)
    const pending = machine.api.resume()
    machine.terminate()
    await expect(pending).rejects.toMatchObject({ code: 'unavailable', message: 'the machine was stopped' })
  })
})

byteStreamContract('a stream that the worker opened', {
  async connect() {
    let mine!: PortStream
    const { worker } = fakeWorker({
      openStream: () => {
        const { port1, port2 } = new MessageChannel()
        mine = new PortStream(port1)
        return Promise.resolve(transfer(port2, [port2]))
      },
    })
    return [await connectWorker(worker).openStream({ service: 'engine' }), mine]
  },
  buffered: 1_000_000,
  carriesReset: true,
})
