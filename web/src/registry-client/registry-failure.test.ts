import { expect, test } from 'vitest'
import { registryReason } from './registry-failure.ts'

const NONE = { code: '', message: 'Bad Gateway' }

test.each<[string, unknown]>([
  ['', NONE],
  ['<html>', NONE],
  ['null', NONE],
  ['{"errors":{}}', NONE],
  ['{"errors":[null]}', NONE],
  ['{"errors":[{"code":7,"message":"x"}]}', NONE],
  ['{"errors":[{"code":"DENIED","message":{"no":"text"}}]}', { code: 'DENIED', message: 'denied' }],
  [
    '{"errors":[{"code":"NAME_UNKNOWN","message":"gone"}]}',
    { code: 'NAME_UNKNOWN', message: 'name unknown: gone' },
  ],
])('of %s', async (text, reason) => {
  expect(await registryReason(new Response(text, { status: 502, statusText: 'Bad Gateway' }))).toEqual(reason)
})
