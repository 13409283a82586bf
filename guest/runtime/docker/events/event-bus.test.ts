import { expect, test } from 'vitest'
import type { EngineEvent, Filters } from '../../../protocol/api/engine-api.ts'
import { FakeClock } from '../../host/clock.ts'
import { EventBus, matchesEvent } from './event-bus.ts'

const event = (Type: EngineEvent['Type'], ID: string, Attributes: Record<string, string>): EngineEvent => ({
  Type,
  Action: 'create',
  Actor: { ID, Attributes },
  scope: 'local',
  time: 1,
  timeNano: 1_000_000_000,
})

const CASES: [what: string, filters: Filters, matches: boolean][] = [
  ['the start of an id', { container: ['c0ff'] }, true],
  ['the start of a name', { container: ['we'] }, true],
  ['a name with its slash', { container: ['/web'] }, true],
  ['one of several', { container: ['db', 'web'] }, true],
  ['another', { container: ['db'] }, false],
  ['an object of another type', { network: ['db'] }, false],
]

test.each(CASES)('a filter by object matches a container’s event by %s', (_what, filters, matches) => {
  expect(matchesEvent(event('container', 'c0ffee', { name: 'web' }), filters)).toBe(matches)
})

test('a filter by container leaves out what happens in networks because of it', () => {
  const joined = event('network', 'f00d', { name: 'bridge', container: 'c0ffee' })
  expect(matchesEvent(joined, { container: ['c0ffee'] })).toBe(false)
})

test('a reader that has stalled is cut off while it stalls, and told so when it reads on', async () => {
  const bus = new EventBus(new FakeClock())
  const reader = bus.stream({})
  const first = reader.next()
  bus.publish('container', 'create', 'c0ffee')
  await first
  for (let count = 0; count <= 10_000; count++) bus.publish('container', 'start', 'c0ffee')
  expect(bus.listeners).toBe(0)
  await expect(reader.next()).rejects.toMatchObject({ code: 'exhausted' })
})
