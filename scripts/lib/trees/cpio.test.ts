import { describe, expect, it } from 'vitest'
import { writeCpio } from './cpio.ts'

describe('writeCpio', () => {
  const archive = writeCpio([{ name: 'init', mode: 0o100755, data: Buffer.from('abcde') }])

  it('writes a header of 110 hex digits with mode, size and name length', () => {
    expect(archive.subarray(0, 6).toString()).toBe('070701')
    expect(Number.parseInt(archive.subarray(14, 22).toString(), 16)).toBe(0o100755)
    expect(Number.parseInt(archive.subarray(54, 62).toString(), 16)).toBe(5)
    expect(Number.parseInt(archive.subarray(94, 102).toString(), 16)).toBe('init\0'.length)
  })

  it('aligns content and the next header to four bytes', () => {
    const content = 116 // 110 + 'init\0' is 115
    expect(archive.subarray(content, content + 5).toString()).toBe('abcde')
    expect(archive.subarray(content + 8, content + 14).toString()).toBe('070701')
  })

  it('ends with the trailer the kernel looks for', () => {
    expect(archive.includes('TRAILER!!!')).toBe(true)
    expect(archive.length % 4).toBe(0)
  })
})
