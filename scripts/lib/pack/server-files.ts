/** The servers of a packed site: each one file that needs no installation, with the media types of scripts/lib/static-files.ts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../paths.ts'
import { IMMUTABLE, TYPES } from '../static-files.ts'

export const SERVERS = ['serve.py', 'serve.mjs', 'serve.ps1'] as const

/** The text of a server, whole. */
export async function serverFile(name: (typeof SERVERS)[number]): Promise<string> {
  const text = await readFile(join(projectRoot, 'scripts/pack', name), 'utf8')
  return text.replace('@TYPES@', JSON.stringify(TYPES)).replace('@IMMUTABLE@', () => IMMUTABLE.source)
}
