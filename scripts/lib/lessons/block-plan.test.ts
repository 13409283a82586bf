import { expect, test } from 'vitest'
import { filesOf, LABSPACE, SCENARIO } from '../../../test/support/foreign-lessons.ts'
import type { Lesson } from '../../../web/src/lessons/format/lesson.ts'
import { importLesson } from '../../../web/src/lessons/import/import-lesson.ts'
import { planBlocks } from './block-plan.ts'
import { lessonOfMarkdown } from './markdown-file.ts'

const planned = (lesson: Lesson): string[] =>
  planBlocks(lesson).map(({ place, kind, title, listed }) =>
    [place, kind, title, listed].filter((word) => word !== undefined).join(' | '),
  )

test('blocks of a scenario come in order, with the reason why one is not tried', () => {
  expect(planned(importLesson('x', filesOf(SCENARIO)).lesson)).toEqual([
    "step-1: | run | cd /root && bash '/opt/lesson/one/greet.sh'",
    'step-1:1 | run | ls -l',
    'step-1:5 | run | sleep 9',
    'step-1:7 | run | docker run -d -p 8080:80 nginx …',
    'step-1:17 | run | docker run alpine:3 | image',
    'step-1: | verify | verify | before',
    'step-2:9 | run | kubectl get pods | cluster',
  ])
})

test('blocks in lists have their own lines, and files are written', () => {
  expect(planned(importLesson('x', filesOf(LABSPACE)).lesson)).toEqual([
    'section-1:6 | run | docker version',
    'section-1:12 | run | docker ps',
    'section-1:20 | write | FROM node:22-alpine AS paper …',
    'section-1:25 | run | docker build -t kite kite … | image',
    'section-2:9 | run | docker tag kite name/kite … | before',
  ])
})

const README = `# Use

\`\`\`console
$ echo a
a
$ pwd
\`\`\`

\`\`\`output
/root
\`\`\`

\`\`\`bash no-run
rm -rf /
\`\`\`

\`\`\`yaml file=/root/compose.yaml
services: {}
\`\`\`

\`\`\`sh title="x" term=two interrupt
ls
\`\`\`

or

\`\`\`sh
ls -l
\`\`\`
`

test('a Markdown file gives commands, what they print, and files', () => {
  const lesson = lessonOfMarkdown('a.md', README)
  expect(planned(lesson)).toEqual([
    'a.md:3 | run | $ echo a …',
    'a.md:17 | write | services: {}',
    'a.md:21 | run | ls',
    'a.md:27 | run | ls -l | alternative',
  ])
  expect(lesson.terminals.map(({ name }) => name)).toEqual(['host', 'two'])
  expect(planBlocks(lesson)).toMatchObject([
    {
      commands: [
        { command: 'echo a', output: 'a' },
        { command: 'pwd', output: '/root' },
      ],
    },
    { path: '/root/compose.yaml', text: 'services: {}' },
    { code: { terminal: 'two', interrupt: true } },
    {},
  ])
})

test('a file without blocks of a shell is refused', () => {
  expect(() => lessonOfMarkdown('a.md', '# A\n\n```yaml\na: 1\n```\n')).toThrow('a.md has no block to run')
})
