import { describe, expect, it } from 'vitest'
import { filePath, parseRange } from './static-files.ts'

describe('parseRange', () => {
  it.each([
    ['bytes=0-9', { start: 0, end: 9 }],
    ['bytes=90-', { start: 90, end: 99 }],
    ['bytes=90-1000', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=-', undefined],
    [undefined, undefined],
  ])('reads %s of 100 bytes', (header, range) => {
    expect(parseRange(header, 100)).toEqual(range)
  })
})

describe('filePath', () => {
  it.each([
    ['/', '/dist/index.html'],
    ['/lessons/', '/dist/lessons/index.html'],
    ['/guest/a%20b.gz?x=1', '/dist/guest/a b.gz'],
    ['/%2e%2e/secret', '/dist/secret'],
    ['/..%2f..%2fsecret', undefined],
    ['/%zz', undefined],
    ['/a%00b', undefined],
  ])('maps %s', (url, path) => {
    expect(filePath('/dist', '/', url)).toBe(path)
  })

  it('serves nothing outside the sub-path', () => {
    expect(filePath('/dist', '/app/', '/app/x.js')).toBe('/dist/x.js')
    expect(filePath('/dist', '/app/', '/x.js')).toBeUndefined()
  })
})
