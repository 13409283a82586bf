/** Compose files on their way into one tree: which ones, how they are read, and what reading one gives. */
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
  /** When it has been read already. */
  text?: string
}

export interface FileSet {
  /** Absolute. Files are looked for here. */
  folder: string
  /** Relative paths start here; itself relative to what includes it, for `--no-path-resolution`. */
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
