/** What a browser's own remote control must do; `WirePage` makes a page to drive of it. */
export interface PageWire {
  /** Resolves when the document and all it names have loaded. */
  navigate(url: string): Promise<void>
  reload(): Promise<void>
  /** Calls a function, given as its source, with one string; resolves with the string that its promise has. */
  call(source: string, argument: string): Promise<string>
  /** Performs input as WebDriver writes it; WebDriver classic and WebDriver BiDi share the form. */
  perform(sources: InputSource[]): Promise<void>
}

/** https://www.w3.org/TR/webdriver2/#actions: the sources act side by side, an action each a tick. */
export type InputSource = { type: 'key'; id: string; actions: KeyAction[] } | PointerSource

type KeyAction = { type: 'keyDown' | 'keyUp'; value: string }

interface PointerSource {
  type: 'pointer'
  id: string
  parameters: { pointerType: 'mouse' }
  actions: (
    { type: 'pointerMove'; x: number; y: number } | { type: 'pointerDown' | 'pointerUp'; button: 0 }
  )[]
}
