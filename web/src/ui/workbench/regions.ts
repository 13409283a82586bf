const FOCUSABLE = 'textarea, input, select, button:not(:disabled), a[href], [tabindex="0"]'

/**
 * F6 goes from region to region (the elements with data-region) in the order of the document, as in desktop programs:
 * the first focusable element of the next visible region takes the focus.
 */
export function nextRegion(document: Document, step: 1 | -1): HTMLElement | undefined {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (region) => region.offsetParent,
  )
  const at = regions.findIndex((region) => region.contains(document.activeElement))
  for (let offset = 1; offset <= regions.length; offset++) {
    const region = regions[(at + step * offset + regions.length * 2) % regions.length]!
    const target = [...region.querySelectorAll<HTMLElement>(FOCUSABLE)].find(
      (element) => element.tabIndex >= 0 && element.offsetParent,
    )
    if (target) return region.querySelector<HTMLElement>('.xterm-helper-textarea') ?? target
  }
  return undefined
}
