import { describe, expect, it } from 'vitest'
import { displayWidth, ellipsis } from './display-width.ts'
import { ansiTime, goTimestamp, rfc3339Nano, timestamp } from './durations.ts'
import { naturalOrder } from './natural-order.ts'
import { bytesSize, humanSize, parseRamSize } from './sizes.ts'
import { alignTabs } from './tabwriter.ts'

describe('sizes', () => {
  it.each([
    [0, '0B', '0B'],
    [999, '999B', '999B'],
    [1000, '1kB', '1kB'],
    [4_261_550, '4.262MB', '4.26MB'],
    [999_950, '1000kB', '1e+03kB'],
    [999_949, '999.9kB', '1e+03kB'],
    [187_650_000, '187.7MB', '188MB'],
    [1.5e12, '1.5TB', '1.5TB'],
  ])('prints %d bytes in powers of 1000', (bytes, four, three) => {
    expect([humanSize(bytes), humanSize(bytes, 3)]).toEqual([four, three])
  })

  it('prints memory in powers of 1024', () => {
    expect([0, 1023, 1024, 10_485_760, 262_144_000].map(bytesSize)).toEqual([
      '0B',
      '1023B',
      '1KiB',
      '10MiB',
      '250MiB',
    ])
  })

  it.each([
    ['32m', 33_554_432],
    ['1.5G', 1_610_612_736],
    ['10 kb', 10_240],
    ['2KiB', 2048],
    ['100b', 100],
    ['7', 7],
  ])('reads %s', (text, bytes) => {
    expect(parseRamSize(text)).toBe(bytes)
  })

  it.each([
    ['x', "invalid size: 'x'"],
    ['-1m', "invalid size: '-1m'"],
    ['1zz', "invalid size: '1zz'"],
    ['1kbs', "invalid size: '1kbs'"],
    ['1.2.3', 'strconv.ParseFloat: parsing "1.2.3": invalid syntax'],
  ])('refuses %s', (text, message) => {
    expect(() => parseRamSize(text)).toThrow(message)
  })
})

describe('durations', () => {
  it('turns --since into seconds', () => {
    const now = Date.parse('2024-05-01T10:00:00.7Z')
    const texts = [
      '',
      '10m',
      '1714557600',
      '2024-05-01',
      '2024-05-01T09',
      '2024-05-01T09:30:00.25Z',
      '2024-05-01T12:00:00+02:00',
    ]
    expect(texts.map((text) => timestamp(text, now))).toEqual([
      undefined,
      '1714557000',
      '1714557600',
      '1714521600.000000000',
      '1714554000.000000000',
      '1714555800.250000000',
      '1714557600.000000000',
    ])
  })

  it('prints times as Go does', () => {
    expect(rfc3339Nano(1_714_557_600, 5)).toBe('2024-05-01T10:00:00.000000005Z')
    expect(goTimestamp('2024-05-01T10:00:00.120Z')).toBe('2024-05-01 10:00:00.12 +0000 UTC')
    expect(ansiTime('2024-05-01T10:00:00Z')).toBe('Wed May  1 10:00:00 2024')
  })
})

describe('alignTabs', () => {
  it('pads a column to its widest cell, at least ten wide, and leaves the last cell alone', () => {
    expect(alignTabs('A\tB\tC\nlonger than ten\tb\tlast\n')).toBe(
      'A                 B         C\nlonger than ten   b         last\n',
    )
  })

  it('begins a new column where a line without the cell stands between', () => {
    expect(alignTabs('a\tb\nplain\nccccccccccccc\td\n')).toBe('a         b\nplain\nccccccccccccc   d\n')
  })

  it('counts wide characters as two columns', () => {
    expect(alignTabs('容器名字很长的\tx\n')).toBe('容器名字很长的   x\n')
    expect(displayWidth('容器a')).toBe(5)
  })
})

it('cuts with an ellipsis at the display width', () => {
  expect([
    ellipsis('abcdef', 6),
    ellipsis('abcdefg', 6),
    ellipsis('容器容器', 5),
    ellipsis('abc', 1),
  ]).toEqual(['abcdef', 'abcde…', '容器…', 'a'])
})

it('orders names by the numbers in them', () => {
  expect(['data10', 'data2', 'data', '[::]:80', '0.0.0.0:80'].sort(naturalOrder)).toEqual([
    '0.0.0.0:80',
    '[::]:80',
    'data',
    'data2',
    'data10',
  ])
})
