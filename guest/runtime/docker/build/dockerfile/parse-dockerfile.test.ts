import { describe, expect, test } from 'vitest'
import { parseDockerfile } from './parse-dockerfile.ts'
import { parseLines } from './parse-lines.ts'

const lines = (text: string) =>
  parseLines(text).lines.map(({ name, flags, arguments: { words }, line }) => ({ name, flags, words, line }))

describe('a Dockerfile’s lines', () => {
  test('are joined at the escape, over comments; each knows where it began', () => {
    expect(lines('# a comment\nFROM a\n\nRUN one \\\n# between\n  two \\\n  three\nCMD x')).toEqual([
      { name: 'FROM', flags: [], words: ['a'], line: 2 },
      { name: 'RUN', flags: [], words: ['one   two   three'], line: 4 },
      { name: 'CMD', flags: [], words: ['x'], line: 8 },
    ])
  })

  test('may begin with a byte order mark and end with carriage returns', () => {
    expect(lines('\ufeffFROM a\r\nCMD b\r\n').map(({ words }) => words)).toEqual([['a'], ['b']])
  })

  test('have the escape that a directive names', () => {
    const { lines: parsed, escape } = parseLines('# escape = `\nFROM a\nCOPY x C:\\`\n\\y\n')
    expect(escape).toBe('`')
    expect(parsed[1]!.arguments.words).toEqual(['x', 'C:\\\\y'])
  })

  test('take no directive after the first comment or instruction', () => {
    expect(parseLines('# note\n# escape=`\nFROM a\n').escape).toBe('\\')
  })

  test('warn of an empty continuation', () => {
    expect(parseLines('FROM a\nRUN x \\\n\n  y\n').warnings).toEqual([
      'Empty continuation line found in: RUN x   y',
    ])
  })

  test('have flags before their words, unquoted', () => {
    expect(lines('FROM --platform="linux/386" a')[0]).toMatchObject({
      flags: ['--platform=linux/386'],
      words: ['a'],
    })
    expect(lines('COPY --chown=a:b -- --from=x /y')[0]).toMatchObject({
      flags: ['--chown=a:b'],
      words: ['--from=x', '/y'],
    })
  })

  test('have JSON words when they are JSON, else words of the shell', () => {
    expect(lines('CMD ["a", "b c"]')[0]!.words).toEqual(['a', 'b c'])
    expect(lines("CMD ['a']")[0]!.words).toEqual(["['a']"])
    expect(lines('COPY ["a b", "/c"]')[0]!.words).toEqual(['a b', '/c'])
  })

  test('of ENV and LABEL are pairs, or a name and all the rest', () => {
    const pairs = (text: string) => parseLines(text).lines[0]!.arguments.pairs
    expect(pairs('ENV a=1 b="x y" c=\\ d')).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '"x y"' },
      { key: 'c', value: '\\ d' },
    ])
    expect(pairs('LABEL name the rest = all')).toEqual([{ key: 'name', value: 'the rest = all' }])
  })

  test('bring their here-documents, also through ONBUILD, but not in JSON', () => {
    const { lines: parsed } = parseLines(
      'FROM a\nRUN <<A cat <<-"B"\n1\nA\n\t2\n\tB\nONBUILD COPY <<X /y\nz\nX\nRUN ["<<A"]\nRUN echo $((1<<3))\n',
    )
    expect(parsed.map(({ heredocs }) => heredocs)).toEqual([
      [],
      [
        { name: 'A', expand: true, chomp: false, content: '1\n' },
        { name: 'B', expand: false, chomp: true, content: '\t2\n' },
      ],
      [{ name: 'X', expand: true, chomp: false, content: 'z\n' }],
      [],
      [],
    ])
  })
})

describe('a Dockerfile', () => {
  test('is global arguments and stages', () => {
    const { globals, stages } = parseDockerfile(
      'ARG V=1\nFROM a:$V AS Base\nRUN x\nFROM --platform=$P scratch\n',
    )
    expect(globals.map(({ definitions }) => definitions)).toEqual([[{ key: 'V', value: '1' }]])
    expect(
      stages.map(({ name, base, platform, instructions }) => ({
        name,
        base,
        platform,
        count: instructions.length,
      })),
    ).toEqual([
      { name: 'base', base: 'a:$V', platform: '', count: 1 },
      { name: '', base: 'scratch', platform: '$P', count: 0 },
    ])
  })

  test('keeps the trigger of ONBUILD as it was written', () => {
    const { stages } = parseDockerfile('FROM a\nonbuild  ADD <<E /x\nin it\nE\n')
    expect(stages[0]!.instructions[0]).toMatchObject({ kind: 'onbuild', expression: 'ADD <<E /x\nin it\nE' })
  })
})
