import { expect, test } from 'vitest'
import { stepDetail } from './timeline-detail.ts'

test('arguments are told by name, empty ones and the op itself left out', () => {
  const plan = { op: 'mount', source: 'proc', target: '/proc', data: '', flags: ['nosuid', 'noexec'] }
  expect(stepDetail(plan)).toBe('source=proc target=/proc flags=["nosuid","noexec"]')
})

test('long values are cut and bytes counted', () => {
  expect(stepDetail({ program: new Uint8Array(2048) })).toBe('program=<2048 bytes>')
  expect(stepDetail({ data: 'x'.repeat(500) })).toHaveLength('data='.length + 97)
})

test('a step without a plan has no detail', () => {
  expect(stepDetail(undefined)).toBe('')
})
