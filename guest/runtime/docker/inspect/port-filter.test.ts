import { expect, test } from 'vitest'
import { EngineError, HTTP_STATUS } from '../../../protocol/errors.ts'
import { inRange, portRange } from './port-filter.ts'

test('a filter is a port or a range, of TCP unless it says', () => {
  expect(portRange('publish', '80')).toEqual({ first: 80, last: 80, protocol: 'tcp' })
  expect(portRange('expose', '8000-9000/udp')).toEqual({ first: 8000, last: 9000, protocol: 'udp' })
})

test('it matches the side of a port that it asks for', () => {
  const ports = [{ PrivatePort: 80, PublicPort: 8080, Type: 'tcp' as const }]
  expect(inRange(ports, 'PublicPort', portRange('publish', '8080'))).toBe(true)
  expect(inRange(ports, 'PublicPort', portRange('publish', '80'))).toBe(false)
  expect(inRange(ports, 'PrivatePort', portRange('expose', '70-90'))).toBe(true)
  expect(inRange(ports, 'PrivatePort', portRange('expose', '80/udp'))).toBe(false)
})

test.each([
  ['x', `error while looking up for publish x: strconv.ParseUint: parsing "x": invalid syntax`],
  [
    '70000',
    `error while looking up for publish 70000: strconv.ParseUint: parsing "70000": value out of range`,
  ],
  ['9-8', 'error while looking up for publish 9-8: invalid range specified for port: 9-8'],
  ['1:2', `filter for 'publish' should not contain ':': 1:2`],
])('%s is refused as dockerd does', (value, message) => {
  try {
    portRange('publish', value)
    expect.unreachable()
  } catch (thrown) {
    const error = EngineError.from(thrown)
    expect([HTTP_STATUS[error.code], error.message]).toEqual([500, message])
  }
})
