import { expect, test } from 'vitest'
import { asciiScript, asciiStyle } from './single-file.ts'

test('a script without letters beyond ASCII says the same', () => {
  const script =
    "(() => { const größe = '容器 🐳'; return [größe, /^[一-龥]+$/u.test('容器'), `${größe}…`] })()"
  const ascii = asciiScript(script)
  expect(ascii).toMatch(/^[ -~]+$/)
  expect((0, eval)(ascii)).toEqual(['容器 🐳', true, '容器 🐳…'])
})

test('a style sheet’s letters beyond ASCII are escapes of six digits, which need no end', () =>
  expect(asciiStyle('a::after { content: "…b🐳" }')).toBe('a::after { content: "\\002026b\\01f433" }'))
