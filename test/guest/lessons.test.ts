import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownLessons, readLessonFolders } from '../../scripts/lib/lessons/lesson-folder.ts'
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
