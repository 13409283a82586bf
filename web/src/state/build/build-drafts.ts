import type { BuildFile } from './build-files.ts'

/** Where the files of an image build are kept between visits, each under its path. */
export interface BuildDrafts {
  read(): Promise<BuildFile[]>
  put(file: BuildFile): Promise<void>
  clear(): Promise<void>
}
