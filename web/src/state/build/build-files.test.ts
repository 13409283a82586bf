import { expect, it } from 'vitest'
import { contextPath, editableText, textFile } from './build-files.ts'

it.each([
  ['Dockerfile', 'Dockerfile'],
  [' ./src//app.py ', 'src/app.py'],
  ['src\\win.txt', 'src/win.txt'],
  ['/etc/x', 'etc/x'],
  ['a/./b', 'a/b'],
])('the file %s is %s of the context', (text, path) => {
  expect(contextPath(text)).toBe(path)
})

it('shows text, whatever its line ends and marks, and nothing else', () => {
  const text = '\ufeffline\r\nзеница 中文\n'
  expect(editableText(textFile('a', text))).toBe(text)
  expect(editableText({ path: 'a', bytes: new Uint8Array([0xff, 0xfe]) })).toBeUndefined()
  expect(editableText({ path: 'a', bytes: new Uint8Array([65, 0]) })).toBeUndefined()
  expect(editableText({ path: 'a', bytes: new Uint8Array(300 << 10).fill(65) })).toBeUndefined()
})
