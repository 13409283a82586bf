/** A lesson to begin from: one step, one task that can be done, in both languages. */
import { readFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { LESSON_NAME } from '../../../web/src/lessons/library/lesson-list.ts'
import { readLessonIndex } from '../../../web/src/lessons/format/lesson-index.ts'

const YAML = `format: 1
minutes: 5
images: [busybox]
panels: [containers]
tasks:
  - id: run
    check: { container: { name: first, state: running } }
    hints:
      - { id: ended, when: { container: { name: first, state: exited } } }
      - { id: command }
    solve: docker run -d --name first busybox sleep 1000
notes: [words]
`

const ENGLISH = `# The title of the lesson

What the learner will have made or understood at the end, in two or three sentences.

## The first step {#first}

One idea, then something to do:

\`\`\`sh run
docker run -d --name first busybox sleep 1000
docker ps
\`\`\`

::task{id=run} Let a container \`first\` run.

::hint{task=run id=ended} \`first\` has ended: a container lives as long as its program does.

::hint{task=run id=command} \`docker run -d --name first busybox sleep 1000\`.

::notes{id=words} Say in your own words what just happened.
`

const CHINESE = `# 课程的标题

用两三句话说明：学完以后，学生做出了什么，或者明白了什么。

## 第一步 {#first}

先讲一个概念，再动手：

\`\`\`sh run
docker run -d --name first busybox sleep 1000
docker ps
\`\`\`

::task{id=run} 让容器 \`first\` 运行起来。

::hint{task=run id=ended} \`first\` 已经结束了：容器里的程序结束，容器也就结束。

::hint{task=run id=command} \`docker run -d --name first busybox sleep 1000\`。

::notes{id=words} 用自己的话说说刚才发生了什么。
`

export const NEW_LESSON: Readonly<Record<string, string>> = {
  'lesson.yaml': YAML,
  'en.md': ENGLISH,
  'zh-CN.md': CHINESE,
}

/**
 * Writes the lesson, and names it in the folder's index.yaml as the last one. Resolves with its folder. Rejects with
 * EngineError: `invalid` for what is no name, `conflict` for one that is there; then nothing is written.
 */
export async function newLesson(lessons: string, name: string): Promise<string> {
  if (!LESSON_NAME.test(name))
    throw new EngineError('invalid', `“${name}” is no name of a lesson: a-z, 0-9 and - are allowed`)
  const index = join(lessons, 'index.yaml')
  const text = await readFile(index, 'utf8')
  if (readLessonIndex(text, index).includes(name))
    throw new EngineError('conflict', `${index} names a lesson “${name}” already`)
  const folder = join(lessons, name)
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
    throw new EngineError('conflict', `${folder} is there already`)
  })
  for (const [file, content] of Object.entries(NEW_LESSON)) await writeFile(join(folder, file), content)
  await writeFile(index, `${text.trimEnd()}\n  - ${name}\n`)
  return folder
}
