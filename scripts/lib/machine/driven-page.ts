/**
 * What driving a page as a person does takes of a browser: a part of Playwright's `Page`, so that its Chromium fits as
 * it is, and other browsers by a class of this shape.
 */
export interface DrivenPage {
  goto(url: string): Promise<unknown>
  reload(): Promise<unknown>
  /** Clicks the middle of an element once it is there to be clicked. `selector` is CSS, or XPath that begins with `//`. */
  click(selector: string): Promise<void>
  /** Runs a function in the page; it sees nothing but its argument. Argument and result pass as JSON. */
  evaluate<R>(pageFunction: (args: string[]) => R | Promise<R>, args: string[]): Promise<R>
  /** Resolves once the function returns something truthy; rejects after `timeout` milliseconds. */
  waitForFunction(
    pageFunction: (args: string[]) => unknown,
    args: string[],
    options: { timeout: number },
  ): Promise<unknown>
  keyboard: {
    type(text: string): Promise<void>
    press(key: string): Promise<void>
  }
}
