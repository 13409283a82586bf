import { expect, test } from 'vitest'
import { filesOf, LABSPACE, SCENARIO } from '../../../../test/support/foreign-lessons.ts'
import type { Lesson } from '../format/lesson.ts'
import { codeOf } from '../format/references.ts'
import { importLesson, namedFiles } from './import-lesson.ts'

const listed = ({ unsupported }: Lesson) =>
  unsupported.map(({ file, line, what, reason }) => `${file}:${line ?? ''} ${reason} ${what}`)

const codes = (lesson: Lesson, step: string) =>
  codeOf(lesson.prose.en.steps.find(({ id }) => id === step)!.blocks).map((code) =>
    [
      code.text.split('\n')[0],
      ...(['run', 'interrupt', 'copy'] as const).filter((flag) => code[flag]),
      code.terminal ?? '',
      code.file ?? '',
    ]
      .filter((word) => word !== '')
      .join(' | '),
  )

const scenario = () => importLesson('x', filesOf(SCENARIO))
const labspace = () => importLesson('x', filesOf(LABSPACE))

test('a scenario of Killercoda becomes steps, with blocks that are run by a click', () => {
  const { kind, lesson } = scenario()
  expect([kind, lesson.name]).toEqual(['killercoda', 'own-two-jars'])
  expect(lesson.prose.en.steps.map(({ id }) => id)).toEqual(['intro', 'step-1', 'step-2', 'finish'])
  expect(codes(lesson, 'step-1')).toEqual([
    "cd /root && bash '/opt/lesson/one/greet.sh' | run | copy",
    'ls -l | run | copy',
    'sleep 9 | run | interrupt | copy',
    'docker run -d -p 8080:80 nginx | run | copy',
    'docker run alpine:3 | run | interrupt | copy',
  ])
  expect(JSON.stringify(lesson.prose.en)).not.toContain('{{')
})

test('what folds stays folded, and addresses of the machine lead to the preview', () => {
  const { blocks } = scenario().lesson.prose.en.steps[1]!
  expect(blocks.find(({ kind }) => kind === 'folded')).toMatchObject({
    summary: [{ text: 'A tip' }],
    content: [{ kind: 'code' }],
  })
  const text = JSON.stringify(blocks)
  expect(text).toContain('{"kind":"panel","panel":"preview","item":"8080"}')
  expect(text).toContain('{"kind":"panel","panel":"preview"}')
})

test('a script that verifies is a task, looked at when it is asked for; assets and scripts are files of the guest', () => {
  const { lesson } = scenario()
  expect(lesson.tasks).toMatchObject([
    {
      id: 'step-1',
      asked: true,
      challenge: true,
      check: { query: { run: "cd /root && bash '/opt/lesson/one/verify.sh'" } },
    },
  ])
  expect(lesson.files.map(({ path, executable }) => `${path}${executable ? ' x' : ''}`)).toEqual([
    '/root/jars/jar.txt x',
    '/etc/jars/a/b/x.conf',
    '/etc/jars/y.conf',
    '/opt/lesson/prepare.sh x',
    '/opt/lesson/one/greet.sh x',
    '/opt/lesson/one/verify.sh x',
  ])
  expect(lesson.start).toContain("bash '/opt/lesson/prepare.sh'")
  const words = (locale: 'en' | 'zh-CN') => JSON.stringify(lesson.prose[locale].steps[1]!.blocks.at(-1))
  expect(words('en')).toContain('press Check')
  expect(words('zh-CN')).toContain('检查')
})

test('pictures have names of ours, and lead back to their files', () => {
  const { pictureFile } = scenario()
  expect(pictureFile('picture-1.png')).toBe('one/jar.png')
  expect(pictureFile('picture-2.svg')).toBe('shelf.svg')
  expect(pictureFile('picture-3.png')).toBe(undefined)
})

test('what of a scenario has no place is listed with its line and the reason', () => {
  expect(listed(scenario().lesson)).toEqual([
    'index.json:52 editor ide',
    'index.json: missing assets/none.txt',
    'index.json: cluster assets: host02',
    'one/text.md:17 image docker run alpine:3',
    'one/text.md:23 picture far.png',
    'one/text.md:25 html <iframe src="https://example.com">',
    'one/text.md:25 html </iframe>',
    'one/text.md:27 link ../other/readme.md',
    'index.json:18 option colour',
    'two.md:1 place ls',
    'two.md:9 cluster kubectl get pods',
    'index.json:22 missing gone.md',
  ])
})

test('a labspace becomes steps: blocks that run, in the terminal they name, and files that are saved', () => {
  const { kind, lesson } = labspace()
  expect([kind, lesson.name, lesson.terminals.map(({ name }) => name)]).toEqual([
    'labspace',
    'own-kites',
    ['host', 'second'],
  ])
  expect(codes(lesson, 'section-1')).toEqual([
    'docker version | run | copy',
    'docker ps | run | copy | second',
    'rm -rf paper',
    'FROM node:22-alpine AS paper | copy | /root/kite/Dockerfile',
    'docker build -t kite kite | run | copy',
  ])
  expect(lesson.files.map(({ path }) => path)).toEqual(['/root/app.js', '/root/sub/data.bin'])
  const text = JSON.stringify(lesson.prose.en)
  expect(text).toContain('"text":"Note."')
  expect(text).toContain('"text":"Hello name, a red kite."')
  expect(text).not.toContain('tabLink')
})

test('what of a labspace has no place is listed with its line and the reason', () => {
  expect(listed(labspace().lesson)).toEqual([
    'labspace/labspace.yaml:17 option theme',
    'compose.override.yaml: option compose.override.yaml',
    'labspace/01-paper.md:25 image docker build -t kite kite (node:22-alpine)',
    'labspace/01-paper.md:25 image docker run kite',
    'labspace/01-paper.md:30 editor :fileLink[app.js]{path="app.js"}',
    'labspace/02-string.md:6 variable $$name$$',
    'labspace/02-string.md:10 variable $$name$$',
    'labspace/02-string.md:11 variable $$name$$',
    'labspace/02-string.md:3 variable ::variableDefinition[name]{prompt="Your name?"}',
    'labspace/02-string.md:5 condition :::conditionalDisplay{variable="name" hasValue}',
    'labspace/02-string.md:9 option fast',
    'labspace/02-string.md:9 before docker tag kite name/kite',
    'labspace/02-string.md:9 internet docker push name/kite',
    'labspace/02-string.md:14 diagram mermaid',
    'labspace/02-string.md:18 option save-as=../../../etc/passwd',
    'labspace/labspace.yaml:10 missing lost.md',
    'labspace/labspace.yaml:14 link Far away',
  ])
})

test('our own format is read as it is, under a name of its own', () => {
  const prose = '# A\n\n## One {#one}\n\n::task{id=t} Do.\n'
  const yaml = 'format: 1\nminutes: 1\ntasks: [{id: t, check: {file: /x}, solve: touch /x}]\n'
  const files = {
    'mine/lesson.yaml': yaml,
    'mine/en.md': prose,
    'mine/zh-CN.md': prose,
    'mine/index.json': '{}',
  }
  const { kind, lesson, pictureFile } = importLesson('x', filesOf(files))
  expect([kind, lesson.name, lesson.unsupported]).toEqual(['porthole', 'own-mine', []])
  expect(pictureFile('a/b.png')).toBe('mine/a/b.png')
  expect(() => importLesson('x', filesOf({ ...files, 'mine/en.md': 'nothing' }))).toThrow('en.md:1: ')
})

test.each([
  [
    { 'readme.md': '' },
    'this is no lesson: a folder with lesson.yaml, or labspace.yaml, or index.json (of Killercoda) is wanted',
  ],
  [{ 'index.json': '{"name":"of a program"}' }, 'this is no lesson'],
  [{ 'index.json': '{"title":"x","backend":{}}' }, 'the lesson has no steps'],
  [{ 'labspace.yaml': 'a: &a 1' }, 'labspace.yaml:1: anchors'],
  [{ 'labspace.yaml': '- 1' }, 'labspace.yaml is no mapping'],
  [
    { 'a/index.json': SCENARIO['index.json']!, 'b/index.json': SCENARIO['index.json']! },
    'there are 2 lessons here (a, b): choose the folder of one',
  ],
])('a folder without one lesson is refused with a sentence: %#', (files, message) => {
  expect(() => importLesson('x', filesOf(files as Record<string, string>))).toThrow(message)
})

test('the files that one names are known before there are any', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  expect(namedFiles('killercoda', bytes(SCENARIO['index.json']!))).toEqual([
    ...['intro.md', 'prepare.sh', 'one/text.md', 'one/verify.sh', 'one/greet.sh', 'two.md', 'gone.md'],
    ...['assets/jar.txt', 'assets/none.txt'],
  ])
  expect(namedFiles('labspace', bytes(LABSPACE['labspace/labspace.yaml']!))).toEqual([
    ...['01-paper.md', '02-string.md', 'lost.md'],
  ])
})
