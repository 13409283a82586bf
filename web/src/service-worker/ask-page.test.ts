import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PreviewRequest } from '../client/preview-protocol.ts'
import { askPage, type AskedPage } from './ask-page.ts'

const REQUEST: PreviewRequest = {
  type: 'porthole-preview',
  port: 80,
  method: 'GET',
  target: '/',
  headers: [],
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A page that has been given its end of the port. */
function asked(onPort: (port: MessagePort) => void = () => undefined) {
  const ports: MessagePort[] = []
  const page: AskedPage = {
    postMessage(_message, [port]) {
      ports.push(port as MessagePort)
      onPort(port as MessagePort)
    },
  }
  return { page, ports }
}

test('a frozen tab is passed over', async () => {
  const { page, ports } = asked()
  const answer = askPage(page, REQUEST)
  await vi.advanceTimersByTimeAsync(2000)
  expect(await answer).toBeUndefined()
  ports[0]!.close()
})

test('a page that has accepted may take its time', async () => {
  const { page } = asked((port) => {
    port.postMessage({ type: 'accepted' })
    port.onmessage = ({ data }) => {
      expect(data).toEqual({ type: 'go' })
      vi.advanceTimersByTime(60_000)
      port.postMessage({ type: 'head', status: 204, reason: 'No Content', headers: [], hasBody: false })
    }
  })
  expect((await askPage(page, REQUEST))?.status).toBe(204)
})

test('a page without a machine is passed over at once', async () => {
  const { page } = asked((port) => port.postMessage({ type: 'refused' }))
  expect(await askPage(page, REQUEST)).toBeUndefined()
})
