import { expect, test } from 'vitest'
import { plainText } from '../markdown/tree.ts'
import { problemText } from './problem.ts'
import { readLesson, type LessonTexts } from './read-lesson.ts'

const YAML = `format: 1
minutes: 5
images: [busybox]
terminals: [host, {name: web, container: web}]
panels: [containers]
tasks:
  - id: run
    check: {container: {name: web, state: running}}
    fail: {file: /gone}
    hints:
      - {id: exited, when: {container: {name: web, state: exited}}}
      - id: command
    solve: docker run -d --name web busybox sleep 1000
  - id: end
    needs: [run]
    check: {container: {name: web, exists: false}}
    solve: docker rm -f web
quiz:
  - {id: kernel, answers: 2}
notes: [idea]
`

const EN = `# A container

You start one.

## Start {#start}

\`\`\`sh run
docker run -d --name web busybox sleep 1000 # it sleeps
\`\`\`

::task{id=run} Start \`web\`, and [look](#panel/containers/web/logs).

::hint{task=run id=exited} It has ended.

::hint{task=run id=command} Add \`sleep\`.

::fail{task=run} Begin again.

## End {#end}

::task{id=end} Remove it.

::quiz{id=kernel} Whose kernel does it use?

- its own
- the machine's

::answer{quiz=kernel} There is one.

::notes{id=idea} What is a container?
`

const ZH = EN.replace('it sleeps', '它在睡觉').replace('# A container', '# 一个容器')

const good: LessonTexts = { 'lesson.yaml': YAML, 'en.md': EN, 'zh-CN.md': ZH }

const problemsOf = (texts: LessonTexts, name = 'sample') => readLesson(name, texts).problems.map(problemText)

test('a lesson is its logic once and its prose in each language', () => {
  const { lesson, problems } = readLesson('sample', good)
  expect(problems).toEqual([])
  expect(lesson).toMatchObject({
    name: 'sample',
    minutes: 5,
    layout: 'split',
    terminals: [{ name: 'host' }, { name: 'web', container: 'web' }],
    tasks: [
      {
        id: 'run',
        needs: [],
        challenge: false,
        hints: [{ id: 'exited' }, { id: 'command', when: undefined }],
      },
      { id: 'end', needs: ['run'] },
    ],
    quizzes: [{ id: 'kernel', answers: [2] }],
    notes: ['idea'],
  })
  const { en, 'zh-CN': zh } = lesson!.prose
  expect([plainText(en.title), plainText(zh.title)]).toEqual(['A container', '一个容器'])
  expect(en.introduction).toMatchObject([{ kind: 'paragraph' }])
  expect(en.steps.map(({ id, blocks }) => [id, blocks.map(({ kind }) => kind)])).toEqual([
    ['start', ['code', 'task']],
    ['end', ['task', 'quiz', 'notes']],
  ])
  expect(plainText(en.hints.get('run')!.get('exited')!)).toBe('It has ended.')
  expect(plainText(en.fails.get('run')!)).toBe('Begin again.')
})

test('a file that is missing is named, and no other fault follows from that', () => {
  expect(problemsOf({ ...good, 'zh-CN.md': undefined })).toEqual(['zh-CN.md: is missing'])
  expect(problemsOf({ ...good, 'lesson.yaml': undefined })).toEqual(['lesson.yaml: is missing'])
  expect(problemsOf(good, '../x')).toEqual([expect.stringContaining('is no name of a lesson')])
})

test.each([
  ['format: 1', 'format: 2', 'lesson.yaml:1: format: this page reads lessons of format 1, not of format 2'],
  [
    'minutes: 5',
    'minutes: long',
    'lesson.yaml:2: minutes: a whole number from 1 to 120 is wanted, not “long”',
  ],
  ['minutes: 5\n', '', 'lesson.yaml:1: minutes: is needed'],
  ['panels: [containers]', 'panels: [clock]', 'lesson.yaml:5: panels[0]: one of containers,'],
  ['images: [busybox]', 'images: ["; rm"]', 'lesson.yaml:3: images[0]: an image’s reference is wanted'],
  ['needs: [run]', 'needs: [later]', 'lesson.yaml:15: tasks[1].needs[0]: “later” is no task before this one'],
  ['id: end\n', 'id: run\n', 'lesson.yaml:14: tasks[1].id: “run” is there twice'],
  [
    'state: running',
    'stat: running',
    'lesson.yaml:8: tasks[0].check.container.stat: a container has no such field',
  ],
  ['notes: [idea]', 'note: [idea]', 'lesson.yaml:20: note: there is no such field: format,'],
  ['answers: 2', 'answers: [1, 1]', 'lesson.yaml:19: quiz[0].answers: positions of the right options'],
  ['answers: 2', 'answers: 3', 'en.md:19: the quiz “kernel” has no option 3'],
])('lesson.yaml with %j in place of %j is refused', (before, after, problem) => {
  expect(YAML).toContain(before)
  expect(problemsOf({ ...good, 'lesson.yaml': YAML.replace(before, after) })).toContainEqual(
    expect.stringContaining(problem),
  )
})

test.each([
  ['# A container\n', '', 'en.md:1: a lesson begins with its title: # Title'],
  ['## End {#end}', '## End', 'en.md:19: the step “End” needs an id: ## Title {#id}'],
  ['{#end}', '{#start}', 'en.md:19: the step “start” is there twice'],
  ['## End', '# End', 'en.md:19: a lesson has one title'],
  ['::task{id=end} Remove it.', '', 'en.md: ::task{id=end} is missing'],
  ['::task{id=end}', '::task{id=run}', 'en.md:19: ::task{id=run} is there twice'],
  ['::task{id=end}', '::task{id=other}', 'en.md:19: lesson.yaml has no task “other”'],
  ['::task{id=end}', '::tasks{id=end}', 'en.md:21: there is no ::tasks: task, hint,'],
  ['::task{id=end}', '::task{end}', 'en.md:21: ::task has id, not end'],
  ['::task{id=end} Remove it.', '::task{id=end}', 'en.md:21: ::task says nothing'],
  ['id=exited}', 'id=other}', 'en.md: lesson.yaml has no hint “other” of “run”'],
  ['::fail{task=run} Begin again.', '', 'en.md: ::fail{task=run} is missing'],
  ['- its own\n', '', 'en.md:23: below ::quiz stands a list of 2 to 9 one-line options'],
  ['::answer{quiz=kernel} There is one.', '', 'en.md:19: ::answer{quiz=kernel} is missing'],
  ['::answer{quiz=kernel}', '::answer{quiz=run}', 'en.md:28: ::answer{quiz=run} follows the options'],
  ['sh run', 'sh run term=other', 'en.md:5: lesson.yaml has no terminal “other”'],
  [
    '#panel/containers/web/logs',
    '#panel/containers/web/clock',
    'en.md:5: the panel “containers” has no tab “clock”',
  ],
  ['#panel/containers/web/logs', '#panel/clock', 'en.md:5: there is no panel “clock”'],
  ['#panel/containers/web/logs', '#nowhere', 'en.md:5: there is no step “nowhere”'],
  ['You start one.', '::task{id=run} Early.', 'en.md:3: ::task stands in a step'],
  ['You start one.', '[x](javascript:alert)', 'en.md:3: “javascript:alert” is no link of a lesson'],
])('prose with %j in place of %j is refused', (before, after, problem) => {
  expect(EN).toContain(before)
  expect(problemsOf({ ...good, 'en.md': EN.replace(before, after) })).toContainEqual(
    expect.stringContaining(problem),
  )
})

test.each([
  ['{#end}', '{#close}', 'zh-CN.md: the steps are start, close, and in English start, end'],
  ['--name web busybox', '--name other busybox', 'zh-CN.md:5: the code blocks do other things in English'],
  ['sh run', 'sh run once', 'zh-CN.md:5: the code blocks do other things in English'],
  ['- its own\n', '- its own\n- none\n', 'zh-CN.md:19: a quiz has another number of options in English'],
])('a translation with %j in place of %j is refused', (before, after, problem) => {
  expect(problemsOf({ ...good, 'zh-CN.md': ZH.replace(before, after) })).toContainEqual(
    expect.stringContaining(problem),
  )
})

test('a task that moved to another step in one language is found', () => {
  const moved = ZH.replace('::task{id=end} Remove it.', '').replace(
    '## End',
    '::task{id=end} Remove it.\n\n## End',
  )
  expect(problemsOf({ ...good, 'zh-CN.md': moved })).toEqual([
    'zh-CN.md:5: ::task has run, end here, and run in English',
    'zh-CN.md:21: ::task has none here, and end in English',
  ])
})

test('of a file with thousands of faults the first hundred are told, in no time', () => {
  const keys = Array.from({ length: 7_000 }, (_, at) => `key${at}:\n`).join('')
  const start = process.cpuUsage()
  expect(problemsOf({ ...good, 'lesson.yaml': keys }).length).toBe(100)
  expect(problemsOf({ ...good, 'en.md': '# A\n\n' + '::task{id=run}\n\n'.repeat(3_000) }).length).toBe(100)
  expect(process.cpuUsage(start).user).toBeLessThan(5_000_000)
})

test('blanks in great number before what is no comment end', () => {
  const hostile = EN.replace('docker run -d', `docker${' '.repeat(15_000)}run -d`)
  const start = process.cpuUsage()
  expect(problemsOf({ ...good, 'en.md': hostile })).toEqual([expect.stringContaining('in English')])
  expect(process.cpuUsage(start).user).toBeLessThan(1_000_000)
})
