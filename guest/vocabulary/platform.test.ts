import { describe, expect, test } from 'vitest'
import { decodePlatform, encodePlatform, formatPlatform, parsePlatform, runsOn } from './platform.ts'

describe('a platform in words', () => {
  test.each([
    ['linux', 'linux/386'],
    ['LINUX', 'linux/386'],
    ['386', 'linux/386'],
    ['i386', 'linux/386'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/sparc64', 'linux/sparc64'],
    ['aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64/v8'],
    ['linux/arm', 'linux/arm'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['armel', 'linux/arm/v6'],
    ['macos/arm64', 'darwin/arm64'],
    ['windows(10.0.17763)/amd64', 'windows/amd64'],
  ])('%s is %s', (text, platform) => expect(formatPlatform(parsePlatform(text))).toBe(platform))

  test.each([
    ['       ', 'is an invalid OS component of'],
    ['/', 'is an invalid OS component of'],
    ['linux/a b', '"a b" is an invalid component of "linux/a b"'],
    ['nintendo64', '"nintendo64": unknown operating system or architecture'],
    ['a/b/c/d', 'cannot parse platform specifier'],
    ['*', 'wildcards not yet supported'],
  ])('%j is refused', (text, said) => expect(() => parsePlatform(text)).toThrow(said))
})

describe('a platform in a query', () => {
  test('is read as it is written', () => {
    const platform = { os: 'linux', architecture: 'arm', variant: 'v6' }
    expect(decodePlatform(encodePlatform(platform))).toEqual(platform)
    expect(encodePlatform(parsePlatform('linux/386'))).toBe('{"architecture":"386","os":"linux"}')
  })

  test.each([
    ['linux/386', 'failed to parse platform'],
    ['[]', 'both OS and Architecture must be provided'],
    ['{"os":1}', 'failed to parse platform'],
    ['null', 'both OS and Architecture must be provided'],
    ['{"os":"linux"}', 'both OS and Architecture must be provided'],
    ['{"variant":"v7"}', 'optional platform fields provided, but OS and Architecture are missing'],
  ])('%s is refused', (text, said) => expect(() => decodePlatform(text)).toThrow(said))
})

test.each([
  ['linux/386', 'linux/386', true],
  ['linux/386', 'linux/amd64', true],
  ['linux/amd64', 'linux/386', false],
  ['linux/arm/v6', 'linux/arm/v7', true],
  ['linux/arm/v7', 'linux/arm/v6', false],
  ['linux/arm/v7', 'linux/arm64', true],
  ['linux/386', 'windows/386', false],
])('a program for %s on %s runs: %s', (image, machine, runs) =>
  expect(runsOn(parsePlatform(image), parsePlatform(machine))).toBe(runs),
)
