import { expect, test } from 'vitest'
import { makeSpeakable } from './speakable.ts'

test.each([
  ['C', 'en'],
  ['en-US@posix', 'en'],
  ['', 'en'],
  ['zh-CN', 'zh-CN'],
  ['de', 'de'],
])('a browser whose language is %j speaks %s', (language, spoken) => {
  const speaker = { language }
  makeSpeakable(speaker)
  expect(speaker.language).toBe(spoken)
  expect(() => new Intl.NumberFormat(speaker.language)).not.toThrow()
})
