import { expect, test } from 'vitest'
import { withoutHidden } from './hidden-characters.ts'

test('hidden characters are named, others stay', () => {
  expect(withoutHidden('a\u001b[2J\u202eb\r容器 ❤\ufe0f\t\n')).toBe(
    'a<U+001B>[2J<U+202E>b<U+000D>容器 ❤\ufe0f\t\n',
  )
})
