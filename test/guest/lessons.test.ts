import { afterAll, beforeAll, expect, test } from 'vitest'
import { lessonOfMarkdown } from '../../scripts/lib/lessons/markdown-file.ts'
import { ownLessons, readLessonFolders } from '../../scripts/lib/lessons/lesson-folder.ts'
import { runBlocks, type BlockReport } from '../../scripts/lib/lessons/run-blocks.ts'
import { tryLesson } from '../../scripts/lib/lessons/try-lesson.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'

const lessons = await readLessonFolders(await ownLessons())

let machine: HeadlessMachine
beforeAll(async () => {
  machine = await HeadlessMachine.start()
})
afterAll(() => machine.close())

test.each(lessons.map((folder) => [folder.name, folder] as const))(
  'each check of “%s” fails before its task is solved and holds after it',
  async (_name, { lesson, problems }) => {
    expect(problems).toEqual([])
    const tasks = await tryLesson(machine, lesson!)
    expect(tasks.flatMap(({ id, faults }) => faults.map((fault) => `${id}: ${fault}`))).toEqual([])
  },
)

const README = `# Blocks

\`\`\`sh
cd /tmp; colour=red
cat > here.txt <<END
here
END
\`\`\`

\`\`\`console
$ cat here.txt; echo $colour
here
red
$ echo one    two
one   ...
\`\`\`

\`\`\`bash
false
true
\`\`\`

\`\`\`bash
echo yes
\`\`\`

\`\`\`output
no
\`\`\`

\`\`\`text file=/root/deep/a.txt
written
\`\`\`

\`\`\`sh
sleep 1d
\`\`\`

\`\`\`sh
docker run --rm -it busybox
\`\`\`

\`\`\`sh
hostname > /tmp/name; exit
\`\`\`

\`\`\`sh
cat /root/deep/a.txt; test ! -e /tmp/name
\`\`\`

\`\`\`sh
docker run -d --name far alpine
\`\`\`

\`\`\`sh
docker logs far
\`\`\`
`

test('blocks of a Markdown file run in one shell, and each is told what became of it', async () => {
  const reports: BlockReport[] = []
  await runBlocks(machine, lessonOfMarkdown('a.md', README), (report) => reports.push(report))
  expect(reports.map(({ place, result, note }) => `${place} ${result} ${note}`.trim())).toEqual([
    'a.md:3 ok',
    'a.md:10 ok',
    'a.md:18 wrong it ended with 1:',
    'a.md:23 wrong it should print «no», and prints «yes»',
    'a.md:31 ok written to /root/deep/a.txt',
    'a.md:35 goes on until Ctrl+C',
    'a.md:39 asks / #',
    'a.md:43 ok',
    'a.md:47 ok',
    'a.md:51 listed image',
    'a.md:55 listed before',
  ])
})
