import { describe, expect, test } from 'vitest'
import { parseDockerignore } from './dockerignore.ts'
import { PatternMatcher } from './pattern-matcher.ts'

/** Cases of moby/patternmatcher's documented behaviour: https://docs.docker.com/build/concepts/context/#dockerignore-files */
describe('a pattern', () => {
  test.each([
    ['**', 'file', true],
    ['**', 'dir/file', true],
    ['**/', 'file', true],
    ['**/**', 'dir/file', true],
    ['dir/**', 'dir/file', true],
    ['dir/**', 'dir', false],
    ['dir/**', 'dir/dir2/file', true],
    ['**/dir', 'dir', true],
    ['**/dir', 'a/b/dir', true],
    ['**/dir', 'a/b/dir/file', true],
    ['**/dir', 'adir', false],
    ['**/dir2/*', 'dir/dir2/file', true],
    ['**/dir2/*', 'dir/file', false],
    ['**file', 'file', true],
    ['**file', 'dir/file', true],
    ['**file', 'dir/dir2/afile', true],
    ['**/file.txt', 'dir/file.txt', true],
    ['a**/*.txt', 'abc/def.txt', true],
    ['a**/*.txt', 'abc/def/ghi.txt', true],
    ['a**/*.txt', 'a.txt', true],
    ['a**/def/*.txt', 'abc/def.txt', false],
    ['*', 'file', true],
    ['*/file', 'dir/file', true],
    ['*/file', 'dir/dir2/file', false],
    ['dir', 'dir/inside/deep', true],
    ['a.txt', 'axtxt', false],
    ['a[b-d]e', 'ace', true],
    ['a[^b-d]e', 'aze', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'acb', false],
    ['(a|b)+$', '(a|b)+$', true],
    ['.*', '.foo', true],
    ['.*', 'foo', false],
    ['한?', '한국', true],
    ['dir/', 'dir', true],
    ['./dir//file', 'dir/file', true],
  ])('%s and %s: %s', (pattern, path, matches) => {
    expect(new PatternMatcher([pattern]).matches(path)).toBe(matches)
  })

  test.each(['[', '[^', 'a[', '[-]', 'a\\'])('%s is refused', (pattern) => {
    expect(() => new PatternMatcher([pattern])).toThrow('syntax error in pattern')
  })

  test('of an exception needs something to except', () => {
    expect(() => new PatternMatcher(['!'])).toThrow('illegal exclusion pattern: "!"')
  })
})

test.each([
  ['!d/k', 'd', true],
  ['!d', 'd', true],
  ['!d/e/k', 'd/e', true],
  ['!*/k', 'd', false],
  ['!**/k', 'd', false],
  ['!d*/k', 'd', false],
  ['!dd/k', 'd', false],
  ['d/k', 'd', false],
])('%s makes an ignored %s worth looking through: %s', (pattern, directory, worth) => {
  expect(new PatternMatcher([pattern]).hasExceptionsIn(directory)).toBe(worth)
})

describe('of several patterns the last match wins', () => {
  test.each([
    [['*', '!keep'], 'keep', false],
    [['*', '!keep'], 'other', true],
    [['!keep', '*'], 'keep', true],
    [['dir', '!dir/keep'], 'dir/keep', false],
    [['dir', '!dir/keep'], 'dir/other', true],
    [['**', '!**/*.md', 'README.md'], 'docs/a.md', false],
    [['**', '!**/*.md', 'README.md'], 'README.md', true],
    [['docs', '!docs/README.md'], 'docs/README.md', false],
  ])('%j and %s: %s', (patterns, path, matches) => {
    expect(new PatternMatcher(patterns).matches(path)).toBe(matches)
  })
})

test('.dockerignore has comments, blanks, exceptions and paths from the root', () => {
  const text = '\ufeff# comment\n\n  /abs/path  \r\nrel/./x/\n! /kept\n #not a comment\n/\n'
  expect(parseDockerignore(text)).toEqual(['abs/path', 'rel/x', '!kept', '#not a comment', '/'])
})
