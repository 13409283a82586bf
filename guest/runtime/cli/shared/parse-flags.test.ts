import { describe, expect, it } from 'vitest'
import { command, type Handler } from './command.ts'
import { flagTable } from './flag-spec.ts'
import { FlagError, HelpRequested, parseFlags, type ParsedFlags } from './parse-flags.ts'

const SPECS = flagTable([
  { name: 'interactive', short: 'i', type: 'bool', usage: '' },
  { name: 'tty', short: 't', type: 'bool', usage: '' },
  { name: 'proxy', type: 'bool', usage: '', default: 'true' },
  { name: 'publish', short: 'p', type: 'list', usage: '' },
  { name: 'name', type: 'string', usage: '' },
  { name: 'last', short: 'n', type: 'int', usage: '', default: '-1' },
  { name: 'memory', short: 'm', type: 'bytes', usage: '' },
  { name: 'filter', short: 'f', type: 'filter', usage: '' },
  { name: 'old', type: 'list', usage: '', storesAs: 'publish' },
])

const parse = (words: string, interspersed?: boolean) =>
  parseFlags(SPECS, words === '' ? [] : words.split(' '), interspersed)

describe('parseFlags', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['-it x', { interactive: true, tty: true }, ['x']],
    ['-ip80:80 x', { interactive: true, publish: ['80:80'] }, ['x']],
    ['-p=80 -p 81 --publish=82 --publish 83', { publish: ['80', '81', '82', '83'] }, []],
    ['-p=', { publish: ['='] }, []],
    ['--name= x', { name: '' }, ['x']],
    ['--name a=b=c', { name: 'a=b=c' }, []],
    ['--proxy=false', { proxy: false }, []],
    ['', { proxy: true, last: -1, name: '' }, []],
    ['-n -5', { last: -5 }, []],
    ['-m 1.5g', { memory: 1.5 * 2 ** 30 }, []],
    ['a -i b', { interactive: true }, ['a', 'b']],
    ['a -- -i', { interactive: false }, ['a', '-i']],
    ['- x', {}, ['-', 'x']],
    ['--old 1 -p 2', { publish: ['1', '2'] }, []],
  ])('reads %j', (words, values, args) => {
    const parsed = parse(words)
    const { flags } = parsed
    const all = {
      ...{ interactive: flags.bool('interactive'), tty: flags.bool('tty'), proxy: flags.bool('proxy') },
      ...{ publish: flags.list('publish'), name: flags.string('name') },
      ...{ last: flags.number('last'), memory: flags.number('memory') },
    }
    expect(all).toMatchObject(values)
    expect(parsed.args).toEqual(args)
  })

  it('stops at the first operand when flags may not follow it', () => {
    const { flags, args } = parse('-i busybox -t ls', false)
    expect([flags.bool('interactive'), flags.bool('tty'), args]).toEqual([
      true,
      false,
      ['busybox', '-t', 'ls'],
    ])
  })

  it('collects filters by name, each value once', () => {
    expect(parse('-f label=a -f label=b -f STATUS=x -f label=a').flags.filters()).toEqual({
      label: ['b', 'a'],
      status: ['x'],
    })
  })

  it('tells a flag that was given from one that was not', () => {
    const { flags } = parse('--name x')
    expect([flags.changed('name'), flags.changed('last'), flags.given]).toEqual([true, false, ['name']])
  })

  it.each([
    ['--nope', 'unknown flag: --nope'],
    ['--nope=1', 'unknown flag: --nope'],
    ['-ix', "unknown shorthand flag: 'x' in -x"],
    ['--=x', 'bad flag syntax: --=x'],
    ['---x', 'bad flag syntax: ---x'],
    ['--name', 'flag needs an argument: --name'],
    ['-ip', "flag needs an argument: 'p' in -p"],
    ['-n x', 'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    [
      '--proxy=maybe',
      'invalid argument "maybe" for "--proxy" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    ['-f x', 'invalid argument "x" for "-f, --filter" flag: bad format of filter (expected name=value)'],
  ])('refuses %j', (words, message) => {
    expect(() => parse(words)).toThrow(new FlagError(message))
  })

  it('asks for help after the other flags have been found right', () => {
    expect(() => parse('--help -i')).toThrow(HelpRequested)
    expect(() => parse('-h')).toThrow(HelpRequested)
    expect(() => parse('--help --nope')).toThrow(FlagError)
    expect(parse('--help=false').args).toEqual([])
  })
})

describe('the compiler', () => {
  const { flags } = parse('-i --name x')

  it('refuses a flag that the table does not have', () => {
    // @ts-expect-error: misspelt
    expect(flags.bool('interactiv')).toBe(false)
    // @ts-expect-error: misspelt
    expect(flags.changed('nam')).toBe(false)
    // @ts-expect-error: an old spelling, whose values stand under the new one
    expect(flags.list('old')).toEqual([])
  })

  it('refuses a flag of another type', () => {
    // @ts-expect-error: a text
    expect(flags.bool('name')).toBe(false)
    // @ts-expect-error: a boolean
    expect(flags.list('interactive')).toEqual([])
  })

  it('lets a larger table serve for a smaller one, and not the other way', () => {
    const isInteractive = (given: ParsedFlags<{ interactive: 'bool' }>): boolean => given.bool('interactive')
    expect(isInteractive(flags)).toBe(true)
    const { flags: fewer } = parseFlags(flagTable([{ name: 'tty', type: 'bool', usage: '' }]), [])
    // @ts-expect-error: the table has no such flag
    expect(isInteractive(fewer)).toBe(false)
  })

  it("refuses a row whose handler reads another row's flags", async () => {
    const handler: Handler<{ force: 'bool' }> = ({ flags: given }) =>
      Promise.resolve(given.bool('force') ? 1 : 0)
    const row = { name: 'x', operands: '', summary: '', positional: { rule: 'none' } } as const
    const load = () => Promise.resolve(handler)
    expect(command({ ...row, flags: [{ name: 'force', type: 'bool', usage: '' }], load }).name).toBe('x')
    // @ts-expect-error: the row has no such flag
    expect(command({ ...row, flags: [{ name: 'forse', type: 'bool', usage: '' }], load }).name).toBe('x')
    // @ts-expect-error: the row's flag is a text
    expect(command({ ...row, flags: [{ name: 'force', type: 'string', usage: '' }], load }).name).toBe('x')
  })
})
