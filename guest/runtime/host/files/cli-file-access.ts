/** What the `docker` command line needs of the guest's files. Implemented by cli-files.ts, and in memory for tests. */

/** The files of the guest as commands see them: `--env-file`, `--cidfile`, `save -o`, `load -i`. Absolute paths. */
export interface CliFiles {
  read(path: string): Promise<Uint8Array>
  readText(path: string): Promise<string>
  exists(path: string): Promise<boolean>
  /** Creates or replaces. */
  write(path: string, content: string): Promise<void>
  /** For its owner alone; makes the directory. */
  writeSecret(path: string, content: string): Promise<void>
  remove(path: string): Promise<void>
  /** With those above it that are missing; nothing when it is there. */
  makeDirectory(path: string): Promise<void>
  /** A directory and all that is in it; nothing when it isn't there. */
  removeTree(path: string): Promise<void>
  readStream(path: string): AsyncIterable<Uint8Array>
  /** Written to a temporary name first, so that a broken download leaves no half file. */
  writeStream(path: string, content: AsyncIterable<Uint8Array>): Promise<void>
  /** undefined when there is nothing. @param follow a link to what it leads to */
  stat(path: string, follow: boolean): Promise<CliFileStat | undefined>
  readLink(path: string): Promise<string>
  /** Names in a directory, in no order. */
  list(path: string): Promise<string[]>
  /** Without links. @throws EngineError `not-found`: `lstat PATH: no such file or directory` */
  realPath(path: string): Promise<string>
  readonly archives: CliArchives
}

export interface CliFileStat {
  kind: 'file' | 'directory' | 'link' | 'device' | 'other'
  size: number
}

/** Trees of files as tar archives, for `docker cp` and `docker build`. Absolute paths. */
export interface CliArchives {
  /**
   * What `path` is, a link as a link, under the name `name`; `DIR/.` is the directory's content.
   * @param omitted relative to it: what stays out, with all that is in it
   */
  pack(path: string, name: string, omitted?: readonly string[]): Promise<AsyncIterable<Uint8Array>>
  /**
   * Into a directory, owned by the caller; nothing is written outside it. `rename` gives the archive's first name another.
   * @throws EngineError in the words of Docker's client
   */
  unpack(
    directory: string,
    archive: AsyncIterable<Uint8Array>,
    rename?: readonly [string, string],
  ): Promise<void>
}
