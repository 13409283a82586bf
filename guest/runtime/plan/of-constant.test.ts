import { expect, test } from 'vitest'
import { ofConstant } from './of-constant.ts'

test('what is made of a frozen object is made once, of any other each time', () => {
  let calls = 0
  const sum = ofConstant((numbers: readonly number[]) => {
    calls++
    return numbers.reduce((a, b) => a + b, 0)
  })
  const frozen = Object.freeze([1, 2])
  expect([sum(frozen), sum(frozen), calls]).toEqual([3, 3, 1])
  const open = [1, 2]
  expect(sum(open)).toBe(3)
  open.push(3)
  expect([sum(open), calls]).toEqual([6, 3])
})
