import { describe, expect, test } from 'vitest'
import { CATALOGUE, LOCALES, resolveLocale, translate } from './catalogue.ts'

const placeholders = (message: string) => [...message.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()

describe.each(LOCALES)('%s', (locale) => {
  const messages = CATALOGUE[locale]

  test('has exactly the keys of English, in the same order', () => {
    expect(Object.keys(messages)).toEqual(Object.keys(CATALOGUE.en))
  })

  test('has the same placeholders in every message', () => {
    for (const [key, message] of Object.entries(messages)) {
      expect(placeholders(message), key).toEqual(placeholders(CATALOGUE.en[key as keyof typeof CATALOGUE.en]))
    }
  })

  test('has no empty message', () => {
    expect(Object.entries(messages).filter(([, message]) => message.trim() === '')).toEqual([])
  })
})

test('every Chinese message that is not a name of the trade is Chinese', () => {
  const same = Object.entries(CATALOGUE['zh-CN']).filter(([, message]) => !/\p{Script=Han}/u.test(message))
  expect(same.map(([key]) => key)).toEqual(['boot.bytes', 'timeline.init', 'timeline.shim', 'usage.cpu'])
})

test('kernel terms stay bilingual', () => {
  for (const term of ['namespace', 'cgroup', 'overlayfs', 'kernel', 'layer', 'system call']) {
    expect(
      Object.values(CATALOGUE['zh-CN']).some((message) => message.includes(term)),
      term,
    ).toBe(true)
  }
})

test('parameters are put in, an unknown placeholder stays visible', () => {
  expect(translate('en', 'boot.bytes', { loaded: '1 MiB', total: '2 MiB' })).toBe('1 MiB of 2 MiB')
  expect(translate('en', 'boot.bytes', { loaded: '1 MiB' })).toBe('1 MiB of {total}')
})

test.each([
  [['zh-TW', 'en'], 'zh-CN'],
  [['de-DE', 'en-GB'], 'en'],
  [['fr', 'zh'], 'zh-CN'],
  [['fr'], 'en'],
  [[], 'en'],
])('a browser that speaks %j gets %s', (languages, locale) => {
  expect(resolveLocale(languages)).toBe(locale)
})
