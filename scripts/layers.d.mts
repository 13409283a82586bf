/** What TypeScript sees of layers.mjs. */

export interface Layer {
  /** Folder from the root of the project; `/*` at its end: its own files alone. */
  readonly room: string
  readonly holds: string
  readonly imports: readonly string[]
  readonly world: keyof typeof WORLDS
}

export const LAYERS: readonly Layer[]

export const WORLDS: Readonly<
  Record<'pure' | 'node' | 'worker' | 'root' | 'page', { ban: readonly string[]; why: string }>
>

export function layersTable(): string
