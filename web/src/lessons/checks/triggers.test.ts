import { expect, test } from 'vitest'
import type { EventType } from '../../../../guest/protocol/api/engine-api.ts'
import { check } from '../format/decode-check.ts'
import { Place } from '../format/decoder.ts'
import { concerns, triggerOf, type Trigger } from './triggers.ts'

test.each<[EventType, string, Trigger | undefined]>([
  ['container', 'start', 'container'],
  ['container', 'health_status: healthy', 'container'],
  ['container', 'exec_create: sh -c true', undefined],
  ['container', 'exec_die', undefined],
  ['container', 'archive-path', undefined],
  ['image', 'pull', 'image'],
  ['network', 'connect', 'network'],
  ['volume', 'create', 'volume'],
  ['daemon', 'reload', undefined],
])('%s %s is the trigger %s', (Type, Action, trigger) => {
  expect(triggerOf({ Type, Action })).toBe(trigger)
})

test.each([
  [{ container: 'x' }, ['container', 'network']],
  [{ image: 'x' }, ['image']],
  [{ file: '/x' }, ['command', 'container']],
  [{ not: [{ volume: 'x' }, { typed: 'x' }] }, ['command', 'volume']],
])('%j is looked at after %j', (value, triggers) => {
  const decoded = check(value, new Place(() => undefined))!
  const all: Trigger[] = ['command', 'container', 'image', 'network', 'volume']
  expect(all.filter((trigger) => concerns(trigger, decoded))).toEqual(triggers)
})
