import { expect, test } from 'vitest'
import { EngineError } from './errors.ts'

test('an error crosses the wire whole: code, details and causes, strangers among them', () => {
  const refused = new Error('connect ECONNREFUSED', { cause: 'the kernel' })
  const inner = new EngineError('unavailable', 'nothing listens on 127.0.0.1:9', { port: 9 }, refused)
  const json = new EngineError('conflict', 'no preview', {}, inner).toJSON()
  expect(json).toEqual({
    code: 'conflict',
    message: 'no preview',
    details: {},
    cause: {
      code: 'unavailable',
      message: 'nothing listens on 127.0.0.1:9',
      details: { port: 9 },
      cause: {
        code: 'internal',
        message: 'connect ECONNREFUSED',
        cause: { code: 'internal', message: 'the kernel' },
      },
    },
  })
  expect(EngineError.fromJSON(json).toJSON().cause?.code).toBe('unavailable')
})

test('a stranger made an EngineError keeps itself as the cause, once', () => {
  expect(EngineError.from(new TypeError('x is undefined')).toJSON()).toEqual({
    code: 'internal',
    message: 'x is undefined',
    details: {},
    cause: { code: 'internal', message: 'x is undefined' },
  })
})
