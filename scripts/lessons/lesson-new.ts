/** `npm run lesson:new -- NAME`: a lesson to begin from, in lessons/NAME, named in lessons/index.yaml. */
import { relative } from 'node:path'
import { EngineError } from '../../guest/protocol/errors.ts'
import { lessonsDir } from '../lib/lessons/lesson-folder.ts'
import { newLesson } from '../lib/lessons/new-lesson.ts'
import { isMain, main } from '../lib/main.ts'

if (isMain(import.meta.url)) {
  await main(async () => {
    const [name, ...rest] = process.argv.slice(2)
    if (name === undefined || rest.length > 0)
      throw new EngineError('invalid', 'usage: npm run lesson:new -- NAME')
    const folder = relative(process.cwd(), await newLesson(lessonsDir, name))
    console.log(`${folder} is there. Change it, then: npm run lesson:check -- ${folder}`)
  })
}
