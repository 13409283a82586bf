import { expect, test } from 'vitest'
import { newProgress, withBegun, withDone } from './progress.ts'
import { parseProgressFile, progressFileText } from './progress-file.ts'

const AT = new Date('2026-11-30T03:00:00Z')

test('what is written is read again', () => {
  const lessons = [
    withDone(withBegun(newProgress('chroot', 'en'), AT), 'tree', AT),
    newProgress('jail', 'en'),
  ]
  expect(parseProgressFile(progressFileText('安 Ann', lessons))).toEqual({
    format: 1,
    learner: '安 Ann',
    lessons,
  })
})

test.each([
  ['{', 'it is no JSON'],
  ['[]', 'it is no mapping'],
  ['{"format":2}', 'its format is 2, not 1'],
  ['{"format":1,"learner":7}', 'learner is no name'],
  [JSON.stringify({ format: 1, learner: 'x'.repeat(81) }), 'learner is no name'],
  ['{"format":1,"learner":"","lessons":{}}', 'lessons is no list of lessons'],
  ['{"format":1,"learner":"","lessons":[{}]}', 'its format is undefined, not 1'],
  [' '.repeat((1 << 20) + 1), 'it has more than 1048576 characters'],
])('%.60s is refused', (text, why) => {
  expect(() => parseProgressFile(text)).toThrow(why)
})
