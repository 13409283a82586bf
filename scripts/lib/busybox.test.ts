import { describe, expect, it } from 'vitest'
import { busyboxApplets } from './busybox.ts'

describe('busyboxApplets', () => {
  it('reads the sorted names out of a program and stops where they end', () => {
    const program = Buffer.from('\x7fELF junk ash\0\x01[\0[[\0acpid\0ash\0run-parts\0zcat\0\0usage text\0')
    expect(busyboxApplets(program)).toEqual(['[', '[[', 'acpid', 'ash', 'run-parts', 'zcat'])
  })

  it('refuses a program without the list', () => {
    expect(() => busyboxApplets(Buffer.from('acpid\0ash\0'))).toThrow(/no list of applets/)
  })
})
