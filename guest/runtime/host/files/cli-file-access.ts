/** What the `docker` command line needs of the guest's files. Implemented by cli-files.ts, and in memory for tests. */

/** The files of the guest as commands see them: `--env-file`, `--cidfile`, `save -o`, `load -i`. Absolute paths. */
export interface CliFiles {
  read(path: string): Promise<Uint8Array>
  readText(path: string): Promise<string>
  exists(path: string): Promise<boolean>
  /** Creates the file or replaces it. */
  write(path: string, content: string): Promise<void>
  /** Writes a file that only its owner can read, and makes its directory. */
  writeSecret(path: string, content: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes the directory and its missing parents; does nothing when it exists. */
  makeDirectory(path: string): Promise<void>
  /** Removes a directory and all that is in it; does nothing when it isn't there. */
  removeTree(path: string): Promise<void>
  readStream(path: string): AsyncIterable<Uint8Array>
  /** Writes to a temporary name first, so that a broken download leaves no half file. Only its owner can read it. */
  writeStream(path: string, content: AsyncIterable<Uint8Array>): Promise<void>
  /** undefined when there is nothing. @param follow a link to what it leads to */
  stat(path: string, follow: boolean): Promise<CliFileStat | undefined>
  readLink(path: string): Promise<string>
  /** Names in a directory, in no order. */
  list(path: string): Promise<string[]>
  /** Resolves every link of the path. @throws EngineError `not-found`: `lstat PATH: no such file or directory` */
  realPath(path: string): Promise<string>
  readonly archives: CliArchives
}

export interface CliFileStat {
  kind: 'file' | 'directory' | 'link' | 'character device' | 'block device' | 'pipe' | 'socket'
  size: number
}

/** Trees of files as tar archives, for `docker cp` and `docker build`. Absolute paths. */
export interface CliArchives {
  /**
   * Packs what `path` is, a link as a link, under the name `name`; `DIR/.` is the directory's content.
   * @param omitted paths relative to it that stay out, with all that is in them
   * @param before members of a tar that come first
   */
  pack(
    path: string,
    name: string,
    omitted?: readonly string[],
    before?: Uint8Array,
  ): Promise<AsyncIterable<Uint8Array>>
  /**
   * Unpacks into a directory; the caller owns the files, and nothing is written outside it. `rename` gives the
   * archive's first name another.
   * @throws EngineError in the words of Docker's client
   */
  unpack(
    directory: string,
    archive: AsyncIterable<Uint8Array>,
    rename?: readonly [string, string],
  ): Promise<void>
}
