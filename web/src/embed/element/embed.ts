/**
 * embed.js: one plain script, so that a host needs to send no CORS headers for it. It defines `<porthole-playground>`, and
 * makes one of each `<code data-porthole>`.
 */
import { Playground } from './playground.ts'

const NAME = 'porthole-playground'

/** A code block in a `<pre>` keeps it, as what is shown before the click. */
function embedBlocks(): void {
  for (const code of document.querySelectorAll<HTMLElement>('code[data-porthole]')) {
    if (code.closest(NAME)) continue
    const shown = code.closest('pre') ?? code
    const playground = document.createElement(NAME)
    for (const [name, value] of new URLSearchParams(code.dataset['porthole']))
      playground.setAttribute(name, value)
    // It comes into the document with its child, which holds the commands.
    const [parent, next] = [shown.parentNode!, shown.nextSibling]
    playground.append(shown)
    parent.insertBefore(playground, next)
  }
}

/** A module has no `currentScript`. */
function ownAddress(): string {
  const script =
    document.currentScript ?? [...document.scripts].find(({ src }) => /\/embed\.js([?#]|$)/.test(src))
  return script instanceof HTMLScriptElement ? script.src : document.baseURI
}

if (!customElements.get(NAME)) {
  Playground.address = ownAddress()
  customElements.define(NAME, Playground)
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', embedBlocks)
  else embedBlocks()
}
