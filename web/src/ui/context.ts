import { createContext } from 'svelte'
import type { AppState } from '../state/app-state.svelte.ts'
import type { EngineSession } from '../state/engine-session.svelte.ts'
import type { ViewState } from '../state/view-state.svelte.ts'

/** Contexts that every component can use: the page, the view, and the session with the engine. */
export const [getApp, setApp] = createContext<AppState>()
export const [getView, setView] = createContext<ViewState>()
export const [getSession, setSession] = createContext<EngineSession>()
