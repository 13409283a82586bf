/** What is wrong with a lesson's files, each with its place, so that an author can go there. */
export interface Problem {
  /** Relative to the lesson's folder: `lesson.yaml`, `zh-CN.md`. */
  file: string
  /** From 1; undefined when the file as a whole is meant. */
  line: number | undefined
  /** The field of lesson.yaml: `tasks[0].check.container.state`; empty elsewhere and for the whole file. */
  path: string
  message: string
}

/** `lesson.yaml:12: tasks[0].id: “A b” is no id` */
export function problemText({ file, line, path, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}`
  return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`
}
