import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from './paths.ts'

export async function emulatorVersion(): Promise<string> {
  const text = await readFile(join(projectRoot, 'node_modules/v86/package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
