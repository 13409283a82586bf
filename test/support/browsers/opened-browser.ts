import type { DrivenPage } from '../../../scripts/lib/machine/driven-page.ts'
import type { Undo } from '../undo-after-each.ts'

/** Pixels of the window, or of its inside where the browser can tell them apart. */
export const VIEWPORT = { width: 1280, height: 800 }

/** A browser with an empty store of its own and one page in it. */
export interface OpenedBrowser {
  page: DrivenPage
  /** Errors that the page's console or an uncaught exception told; absent where the browser tells nobody. */
  errors?: string[]
}

/** Starts a browser; `undo` is given what ends it, piece by piece, so that a start that fails half-way leaves nothing. */
export type OpenBrowser = (undo: Undo) => Promise<OpenedBrowser>
