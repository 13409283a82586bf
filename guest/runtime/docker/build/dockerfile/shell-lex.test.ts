import { describe, expect, test } from 'vitest'
import { expandWord, expandWords, variablesOf } from './shell-lex.ts'

const VARIABLES = variablesOf([
  'HOME=/home',
  'SHELL=bash',
  'EMPTY=',
  'PATHS=a/b/c.tar.gz',
  'STAR=x*y',
  'TWO=80  443',
])
const expand = (word: string, escape = '\\') => expandWord(word, VARIABLES, { escape })

describe('a word', () => {
  test.each([
    ["he'll'o", 'hello'],
    [String.raw`he\'llo`, "he'llo"],
    [String.raw`"abc\tdef"`, String.raw`abc\tdef`],
    [String.raw`"a\\b\"c\$d"`, String.raw`a\b"c$d`],
    [String.raw`'$HOME\'`, String.raw`$HOME\ `.trim()],
    ['hello\\', 'hello'],
    ['$HOME/x', '/home/x'],
    ['"$HOME x"', '/home x'],
    [String.raw`\$HOME`, '$HOME'],
    ['$missing.', '.'],
    ['$1x$$$@', 'x'],
    ['100$', '100$'],
    ['한${SHELL}국', '한bash국'],
    ['한$SHELL국', '한'],
  ])('%s is %s', (word, result) => expect(expand(word)).toBe(result))

  test('takes the escape character of the file', () => {
    expect(expand('`$HOME C:\\$SHELL', '`')).toBe('$HOME C:\\bash')
  })
})

describe('a modifier', () => {
  test.each([
    ['${none:-word}', 'word'],
    ['${EMPTY:-word}', 'word'],
    ['${EMPTY-word}', ''],
    ['${none:-${HOME:+in}}', 'in'],
    ['${HOME:+set}', 'set'],
    ['${EMPTY:+set}', ''],
    ['${EMPTY+set}', 'set'],
    ['${HOME:?}', '/home'],
    ['${PATHS#*/}', 'b/c.tar.gz'],
    ['${PATHS##*/}', 'c.tar.gz'],
    ['${PATHS%.*}', 'a/b/c.tar'],
    ['${PATHS%%.*}', 'a/b/c'],
    [String.raw`${'${STAR#x\\*}'}`, 'y'],
    [String.raw`${'${STAR%\\*?}'}`, 'x'],
    ['${PATHS/?.tar/z}', 'a/b/z.gz'],
    [String.raw`${'${PATHS//\\//-}'}`, 'a-b-c.tar.gz'],
    ['${SHELL//?/$HOME}', '/home/home/home/home'],
  ])('%s is %s', (word, result) => expect(expand(word)).toBe(result))
})

describe('what is wrong with a word is said', () => {
  test.each([
    ["he'llo", 'unexpected end of statement while looking for matching single-quote'],
    ['"hello', 'unexpected end of statement while looking for matching double-quote'],
    ['${HOME', "syntax error: missing '}'"],
    ['${HOME:-x', "syntax error: missing '}'"],
    ['${}', 'syntax error: bad substitution'],
    ['${:-x}', 'syntax error: bad substitution'],
    ['${HOME:=x}', 'unsupported modifier (:=) in substitution'],
    ['${HOME:#x}', 'unsupported modifier (:#) in substitution'],
    ['${none?}', 'none: is not allowed to be unset'],
    ['${EMPTY:?}', 'EMPTY: is not allowed to be empty'],
    ['${none?say why}', 'none: say why'],
    ['${HOME/x', "syntax error: missing '/' in ${}"],
    ['${HOME#\\x}', "invalid pattern (\\x) in substitution: invalid escape '\\x'"],
  ])('%s', (word, why) => {
    expect(() => expand(word)).toThrow(`failed to process ${JSON.stringify(word)}: ${why}`)
  })
})

describe('words', () => {
  const words = (text: string) => expandWords(text, VARIABLES, { escape: '\\' })

  test.each([
    ['hello there', ['hello', 'there']],
    ['hello\\ there', ['hello there']],
    ['"hello  there" x', ['hello  there', 'x']],
    ['$TWO', ['80', '443']],
    ['"$TWO"', ['80  443']],
    ['a${TWO}b', ['a80', '443b']],
    ['${none:-a} b', ['a', 'b']],
    ['', []],
  ])('%s', (text, result) => expect(words(text)).toEqual(result))
})
