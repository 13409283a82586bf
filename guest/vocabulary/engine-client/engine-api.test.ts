import { expect, test } from 'vitest'
import type { EngineRequest, EngineTransport } from '../../protocol/api/engine-transport.ts'
import { EngineError } from '../../protocol/errors.ts'
import { EngineApi } from './engine-api.ts'

/** Answers every request alike, and notes them. */
function answering(status: number, text: string) {
  const requests: EngineRequest[] = []
  const transport: EngineTransport = {
    request: async (request) => {
      requests.push(request)
      const body = (async function* () {
        yield new TextEncoder().encode(text)
      })()
      return { status, headers: {}, body }
    },
    upgrade: async () => {
      throw new EngineError('conflict', 'it does not run')
    },
  }
  return { transport, requests }
}

test('an answer is parsed', async () => {
  const { transport, requests } = answering(200, '{"ID":"x"}')
  const { ID } = await new EngineApi(transport).json('GET', '/info')
  expect(ID).toBe('x')
  expect(requests).toEqual([{ method: 'GET', path: '/info' }])
})

test('the compiler refuses a call whose answer nobody has described', async () => {
  const api = new EngineApi(answering(200, '{}').transport)
  // @ts-expect-error: misspelt
  await api.json('GET', '/container/json')
  // @ts-expect-error: another method's
  await api.json('POST', '/info')
  // @ts-expect-error: an answer that does not stream
  await api.stream('GET', '/info')
})

test.each([
  [404, '{"message":"No such container: x\\n"}', 'not-found', 'No such container: x'],
  [400, 'page not found', 'invalid', 'page not found'],
  [500, '', 'internal', 'the engine answered 500 to GET /info'],
])('a refusal with %i says why', async (status, text, code, message) => {
  const api = new EngineApi(answering(status, text).transport)
  await expect(api.json('GET', '/info')).rejects.toMatchObject({ code, message, details: { status } })
})

test("a caller's own error stands for each refusal", async () => {
  const refused = (error: EngineError) => new Error(`no: ${error.message}`)
  const api = new EngineApi(answering(409, '{"message":"taken"}').transport, { refused })
  await expect(api.run('POST', '/containers/create')).rejects.toThrow('no: taken')
  await expect(api.upgrade('/exec/x/start')).rejects.toThrow('no: it does not run')
})

test('an object that is already in the state asked for is no refusal', async () => {
  await expect(new EngineApi(answering(304, '').transport).run('POST', '/containers/x/start')).resolves.toBe(
    undefined,
  )
})

test('what is not JSON is corrupt, and names the call', async () => {
  await expect(new EngineApi(answering(200, 'oops').transport).json('GET', '/info')).rejects.toMatchObject({
    code: 'corrupt',
    message: "the engine's answer to GET /info is not JSON: oops",
  })
})
