import { describe, expect, it } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { byteStreamContract } from '../../../test/contract/byte-stream.ts'
import { PortStream } from './port-stream.ts'

function connect(): [PortStream, PortStream] {
  const { port1, port2 } = new MessageChannel()
  return [new PortStream(port1), new PortStream(port2)]
}

byteStreamContract('a message-port stream', {
  connect: () => Promise.resolve(connect()),
  buffered: 1_000_000,
  carriesReset: true,
})

describe('a message-port stream', () => {
  it('leaves the writer its buffer', async () => {
    const [a, b] = connect()
    const bytes = new Uint8Array([1, 2, 3])
    await a.write(bytes)
    expect([...(await b.read())!]).toEqual([1, 2, 3])
    expect([...bytes]).toEqual([1, 2, 3])
    a.reset('done')
  })

  it('rejects everything pending when it is told that the other end is gone', async () => {
    const [a, b] = connect()
    const pending = [a.read(), a.write(new Uint8Array(1_000_000)), a.closed]
    a.lose(new EngineError('unavailable', 'the worker died'))
    for (const call of pending) await expect(call).rejects.toMatchObject({ message: 'the worker died' })
    b.reset('done')
  })

  it('gives up a peer that sends more than its window, or after its end', async () => {
    for (const messages of [
      [{ kind: 'data', bytes: new Uint8Array(256 * 1024 + 1) }],
      [{ kind: 'end' }, { kind: 'data', bytes: new Uint8Array(1) }],
      [{ kind: 'end' }, { kind: 'end' }],
    ]) {
      const { port1, port2 } = new MessageChannel()
      const stream = new PortStream(port1)
      const answer = new Promise<unknown>((resolve) => (port2.onmessage = ({ data }) => resolve(data)))
      for (const message of messages) port2.postMessage(message)
      await expect(stream.closed).rejects.toMatchObject({ code: 'corrupt' })
      expect(await answer).toMatchObject({ kind: 'reset', error: { code: 'corrupt' } })
      port2.close()
    }
  })
})
