import { expect, test } from 'vitest'
import { isProblem, parseParameters } from '../contract/parse-parameters.ts'
import { frameAddress } from './frame-address.ts'
import { hostTheme } from './host-theme.ts'
import { OneMachine } from './one-machine.ts'
import { languageOf } from './words.ts'

test.each([
  ['', undefined, 'auto'],
  ['no-js dark', undefined, 'dark'],
  ['', 'light', 'light'],
  ['theme-darker', 'auto', 'auto'],
  ['light', 'dark', 'dark'],
] as const)('a page of class “%s” and data-theme %s is %s', (className, theme, expected) => {
  expect(hostTheme({ className, dataset: theme === undefined ? {} : { theme } })).toBe(expected)
})

test.each([
  ['zh', 'zh-CN'],
  ['zh-Hant', 'zh-CN'],
  ['en-GB', 'en'],
  ['fr', undefined],
  [null, undefined],
])('a text in %s', (lang, language) => {
  expect(languageOf(lang)).toBe(language)
})

function parsed(attributes: Record<string, string>, run = '') {
  const attribute = (name: string) => attributes[name] ?? null
  const address = frameAddress({ lab: 'https://lab.example/p/', attribute, run, theme: 'dark', lang: 'en' })
  const { origin, pathname, search, hash } = new URL(address)
  expect(origin + pathname).toBe('https://lab.example/p/embed.html')
  return parseParameters(search, hash)
}

test('attributes and commands are in the address of the frame', () => {
  expect(parsed({ lesson: 'chroot', panels: 'images', terminals: '2', autorun: '' }, 'ls')).toMatchObject({
    ...{ lesson: 'chroot', panels: ['images'], terminals: 2, autorun: true },
    ...{ boot: 'now', theme: 'dark', lang: 'en', run: 'ls' },
  })
  expect(parsed({ boot: 'click', height: '300', id: 'x' })).toMatchObject({ boot: 'now', autorun: false })
})

test('a wrong attribute is for the frame to refuse', () => {
  const problem = parsed({ layout: 'wide' })
  expect(isProblem(problem) && problem.parameters).toMatchObject({ name: 'layout', value: 'wide' })
})

test('who takes the machine makes the one before give it up, and nobody else', () => {
  const given: string[] = []
  const owner = (name: string) => ({ giveUp: () => void given.push(name) })
  const [first, second, third] = [owner('first'), owner('second'), owner('third')]
  const machine = new OneMachine()
  machine.take(first)
  machine.take(first)
  expect(given).toEqual([])
  machine.take(second)
  machine.free(first)
  machine.take(third)
  machine.free(third)
  machine.take(first)
  expect(given).toEqual(['first', 'second'])
})
