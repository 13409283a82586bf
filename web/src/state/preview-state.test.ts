// @vitest-environment ./test/support/client-environment.ts
import { expect, test } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { httpOverStreams } from '../../../test/support/http-over-streams.ts'
import type { PreviewAnswer, PreviewRequest } from '../client/preview-protocol.ts'
import { PreviewState, type PreviewBridge } from './preview-state.svelte.ts'

const BASE = 'https://school.example/lab/'
/** The directive of a policy that lets no script run. */
const NO_SCRIPT = "script-src 'none'"
const OTHER = 'https://previews.example/lab/'
const REQUEST: PreviewRequest = {
  type: 'porthole-preview',
  port: 80,
  method: 'GET',
  target: '/',
  headers: [],
}

/** The part of the browser's Service Workers that is used. */
function serviceWorkers() {
  const registered: string[] = []
  let listener: (event: Pick<MessageEvent, 'data' | 'ports'>) => void = () => undefined
  const workers = {
    addEventListener: (_type: string, added: typeof listener) => void (listener = added),
    startMessages: () => undefined,
    register: async (url: string) => void registered.push(url),
    ready: Promise.resolve(),
  } as unknown as ServiceWorkerContainer
  return {
    workers,
    registered,
    post: (data: unknown, port: MessagePort) => listener({ data, ports: [port] }),
  }
}

/** A machine with these images at its ports; every server answers with a page. */
function machine(images: Record<number, string>) {
  const { open } = httpOverStreams((_request, response) => void response.end('<script>'))
  return { openStream: open, imageAt: (port: number) => images[port] }
}

/** The policy of an answer; undefined when it has none. */
function policyOf(send: (port: MessagePort) => void): Promise<string | undefined> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }: MessageEvent<PreviewAnswer>) => {
      if (data.type === 'accepted') return port1.postMessage({ type: 'go' })
      port1.close()
      if (data.type !== 'head') return reject(new Error(JSON.stringify(data)))
      resolve(Object.fromEntries(data.headers)['content-security-policy'])
    }
    send(port2)
  })
}

test("trust is an image's: the scripts of another stay off", async () => {
  const { workers, post } = serviceWorkers()
  const preview = new PreviewState(BASE, workers, async () => undefined)
  await preview.register()
  const images: Record<number, string> = { 80: 'sha256:a', 81: 'sha256:b' }
  preview.machine = machine(images)
  preview.toggleTrust('sha256:a')
  const policyAt = (port: number) => policyOf((answer) => post({ ...REQUEST, port }, answer))
  expect(await policyAt(80)).not.toContain(NO_SCRIPT)
  expect(await policyAt(81)).toContain(NO_SCRIPT)
  expect(await policyAt(82)).toContain(NO_SCRIPT)
  images[80] = 'sha256:b'
  expect(await policyAt(80)).toContain(NO_SCRIPT)
  preview.toggleTrust('sha256:a')
  expect(preview.scriptsOf('sha256:a')).toBe('off')
})

test('on an origin of their own scripts run freely, and nothing is served on ours', async () => {
  const { workers, registered } = serviceWorkers()
  const requests: PreviewBridge['requests'] = { onmessage: null }
  const preview = new PreviewState(BASE, workers, async () => ({ base: OTHER, requests }))
  await preview.register()
  preview.machine = machine({})
  expect(registered).toEqual([])
  expect(preview.urlOf(80, '/x')).toBe(`${OTHER}port/80/x`)
  const send = (port: MessagePort) =>
    requests.onmessage!.call(undefined as never, { data: REQUEST, ports: [port] } as unknown as MessageEvent)
  expect(await policyOf(send)).toBeUndefined()
})

test('an origin that does not answer is told, and previews stay on ours without scripts', async () => {
  const { workers, registered } = serviceWorkers()
  const failure = new EngineError('unavailable', 'https://previews.example does not answer')
  const preview = new PreviewState(BASE, workers, () => Promise.reject(failure))
  await preview.register()
  expect(preview.originError).toBe(failure)
  expect(registered).toEqual([`${BASE}preview-worker.js`])
  expect(preview.scriptsOf('sha256:a')).toBe('off')
})

test('a page without a machine refuses, and what is no request is not answered', async () => {
  const { workers, post } = serviceWorkers()
  const preview = new PreviewState(BASE, workers, async () => undefined)
  await preview.register()
  const { port1, port2 } = new MessageChannel()
  const first = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)))
  post({ ...REQUEST, port: 0 }, port2)
  post(REQUEST, port2)
  expect(await first).toEqual({ type: 'refused' })
  port1.close()
})
