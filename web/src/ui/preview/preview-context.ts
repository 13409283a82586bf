import { createContext } from 'svelte'
import type { PreviewState } from '../../state/preview-state.svelte.ts'

export const [getPreview, setPreview] = createContext<PreviewState>()
