import { expect, test } from 'vitest'
import { translate } from '../../i18n/catalogue.ts'
import { DEFAULTS, writeParameters, type EmbedParameters } from './parameters.ts'
import { isProblem, parseParameters } from './parse-parameters.ts'
import { encodeRun } from './run-text.ts'

const WHOLE: EmbedParameters = {
  lesson: 'chroot',
  step: 'a-new-root',
  boot: 'visible',
  layout: 'viz',
  panels: ['namespaces', 'containers'],
  terminals: 2,
  lang: 'zh-CN',
  theme: 'dark',
  autorun: true,
  run: 'docker ps\nls',
}

const split = (address: string) => {
  const { search, hash } = new URL(`https://lab.example/embed.html${address}`)
  return parseParameters(search, hash)
}

test('an address without parameters says what is the default', () => {
  expect(split('')).toEqual(DEFAULTS)
  expect(split('#')).toEqual(DEFAULTS)
})

test('every parameter is read as it was written', () => {
  expect(split(writeParameters(WHOLE))).toEqual(WHOLE)
  expect(split(writeParameters({}))).toEqual(DEFAULTS)
})

test('what is the default is not written', () => {
  expect(writeParameters(DEFAULTS)).toBe('')
  expect(writeParameters({ boot: 'now', run: 'ls' })).toBe('?boot=now#run=bHM')
})

test.each([
  [
    '?memory=64',
    'There is no parameter “memory”: lesson, step, boot, layout, panels, terminals, lang, theme, autorun are allowed.',
  ],
  ['?constructor=1', /^There is no parameter “constructor”/],
  ['#exec=bHM', 'There is no parameter “#exec=bHM”: #run= are allowed.'],
  ['?boot=soon', '“soon” is no value of boot: click, visible, now are allowed.'],
  ['?layout=', '“” is no value of layout: split, terminal, viz are allowed.'],
  [
    '?panels=containers,ns',
    '“ns” is no value of panels: containers, images, preview, namespaces are allowed.',
  ],
  ['?terminals=5', '“5” is no value of terminals: 1, 2, 3, 4 are allowed.'],
  ['?lang=fr', '“fr” is no value of lang: auto, en, zh-CN are allowed.'],
  ['?theme=blue', '“blue” is no value of theme: auto, light, dark are allowed.'],
  ['?autorun=yes', '“yes” is no value of autorun: 0, 1 are allowed.'],
  [
    '?lesson=../x',
    '“../x” is no value of lesson: a name of lower-case letters, digits and hyphens is allowed.',
  ],
  ['?step=one', 'The parameter step names a step of a lesson: give lesson too.'],
  ['?boot=now&boot=click', 'The parameter boot is given twice: once is allowed.'],
  ['#run=%1b', 'run cannot be read: base64url of UTF-8 text without control characters is allowed.'],
  [`#run=${encodeRun('x'.repeat(5000))}`, 'run has 5000 bytes: at most 4096 are allowed.'],
])('%s is refused with a sentence', (address, sentence) => {
  const parsed = split(address)
  if (!isProblem(parsed)) throw new Error('it is taken')
  if (typeof sentence === 'string') expect(translate('en', parsed.key, parsed.parameters)).toBe(sentence)
  else expect(translate('en', parsed.key, parsed.parameters)).toMatch(sentence)
  for (const [name, value] of Object.entries(parsed.parameters))
    expect(translate('zh-CN', parsed.key, parsed.parameters), name).toContain(String(value))
})

test('of a long wrong value only the beginning is told', () => {
  const parsed = split(`?theme=${'x'.repeat(500)}`)
  expect(isProblem(parsed) && parsed.parameters['value']).toBe('x'.repeat(60))
})
