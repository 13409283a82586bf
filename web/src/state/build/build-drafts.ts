import type { BuildFile } from './build-files.ts'

/** Keeps the files of an image build between visits, each under its path. */
export interface BuildDrafts {
  read(): Promise<BuildFile[]>
  put(file: BuildFile): Promise<void>
  clear(): Promise<void>
}
