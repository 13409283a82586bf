/** Finds compose files and reads them; load-files.ts merges them into one tree. */
import { posix } from 'node:path'
import { EngineError } from '../../../../protocol/errors.ts'
import type { CliFiles } from '../../../host/files/cli-file-access.ts'
import { fileNotFound } from './compose-error.ts'
import type { Dict, TreePath } from './yaml/tree.ts'

export interface LoadOptions {
  files: CliFiles
  home: string
  warn: (message: string) => void
  interpolation: boolean
  pathResolution: boolean
}

export interface ComposeFile {
  /** Absolute; `-` for stdin. */
  path: string
  /** The content, when it has been read already. */
  text?: string
}

export interface FileSet {
  /** The directory in which files are looked for; absolute. */
  folder: string
  /**
   * The directory where relative paths start. For `--no-path-resolution` it is relative to the file that includes this
   * one.
   */
  base: string
  composeFiles: readonly ComposeFile[]
  environment: Readonly<Record<string, string>>
}

/** @throws ModelError `open path: no such file or directory` */
export async function readComposeText(files: CliFiles, path: string): Promise<string> {
  try {
    return await files.readText(path)
  } catch (error) {
    if (EngineError.from(error).code === 'not-found') throw fileNotFound(path)
    throw error
  }
}

export interface LoadedFile {
  dict: Dict
  resets: TreePath[]
}

/** `extended`: only a service to extend is wanted, so the file's own `extends` and `include` stay as they are. */
export type Depth = 'whole' | 'extended'

/** Lays one file's documents over `dict`. `extends` and `include` get it from load-files.ts, which calls them in turn. */
export type LoadFile = (
  file: ComposeFile,
  set: FileSet,
  options: LoadOptions,
  depth: Depth,
  dict: Dict,
  including: readonly string[],
) => Promise<LoadedFile>

/** @param including the files whose `include` leads here */
export type LoadFiles = (set: FileSet, options: LoadOptions, including: readonly string[]) => Promise<Dict>

export const folderOf = (path: string): string => posix.dirname(path)
