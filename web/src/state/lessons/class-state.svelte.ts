import { EngineError } from '../../../../guest/protocol/errors.ts'
import { classCsv, classRows } from '../../lessons/format/class-table.ts'
import { parseProgressFile, type ProgressFile } from '../../lessons/format/progress-file.ts'
import type { LessonSummary } from '../../lessons/library/lesson-list.ts'
import type { LessonSite } from '../../lessons/library/lesson-site.ts'

/** The files of a class, which stay in this page. */
export class ClassState {
  files = $state.raw<readonly ProgressFile[]>([])
  /** Each sentence says why a file of those given last could not be read. */
  problems = $state.raw<readonly string[]>([])
  private list = $state.raw<readonly LessonSummary[]>([])
  private readonly site: Pick<LessonSite, 'list'>

  constructor(site: Pick<LessonSite, 'list'>) {
    this.site = site
  }

  readonly rows = $derived(classRows(this.files, (lesson) => this.summary(lesson)?.tasks))

  /** Fetches which lessons there are; without them the table knows no numbers of tasks. */
  async load(): Promise<void> {
    try {
      this.list = await this.site.list()
    } catch (thrown) {
      this.problems = [EngineError.from(thrown).message]
    }
  }

  summary(lesson: string): LessonSummary | undefined {
    return this.list.find(({ name }) => name === lesson)
  }

  /** Adds files. A learner's later file takes the place of the one before; what is no such file is told. */
  async add(given: Iterable<Pick<File, 'name' | 'size' | 'text'>>): Promise<void> {
    const problems: string[] = []
    let { files } = this
    for (const file of given) {
      try {
        const read = parseProgressFile(await file.text())
        // A learner without a name goes by the file's.
        const named = { ...read, learner: read.learner || file.name.replace(/\.json$/, '') }
        files = [...files.filter(({ learner }) => learner !== named.learner), named]
      } catch (thrown) {
        problems.push(`${file.name}: ${EngineError.from(thrown).message}`)
      }
    }
    this.files = files
    this.problems = problems
  }

  csv(): string {
    return classCsv(this.rows)
  }
}
