import { expect, test } from 'vitest'
import { httpOverStreams } from '../../../test/support/http-over-streams.ts'
import { EngineClient } from '../client/engine-client.ts'
import { HttpTransport } from '../client/http-transport.ts'
import { followEngineEvents } from './engine-events.ts'

test('an engine that was killed and came back is followed again, and everything is read anew', async () => {
  let connections = 0
  const { open } = httpOverStreams((_request, response) => {
    connections += 1
    response.flushHeaders()
    if (connections === 1) response.write('{"Type":"container","Action":"start"}\n', () => response.destroy())
    else response.write('{"Type":"container","Action":"die"}\n')
  })
  const told: string[] = []
  const stop = new AbortController()
  await followEngineEvents(
    new EngineClient(new HttpTransport(open)),
    {
      onConnected: () => told.push('connected'),
      onEvent: ({ Action }) => {
        told.push(Action)
        if (Action === 'die') stop.abort()
      },
      onDisconnected: ({ code }) => told.push(code),
    },
    stop.signal,
    async () => void told.push('pause'),
  )
  expect(told).toEqual(['connected', 'start', 'unavailable', 'pause', 'connected', 'die'])
})

test('an engine that is not there yet is asked again until it is', async () => {
  const { open } = httpOverStreams((_request, response) => response.flushHeaders())
  let attempts = 0
  const client = new EngineClient(
    new HttpTransport(() => (++attempts < 3 ? Promise.reject(new Error('no engine')) : open())),
  )
  const stop = new AbortController()
  await followEngineEvents(
    client,
    { onConnected: () => stop.abort(), onEvent: () => {}, onDisconnected: () => {} },
    stop.signal,
    async () => {},
  )
  expect(attempts).toBe(3)
})
