/** What in HTML that the page drew could do harm; the page's own tags and attributes are the only ones that may be there. */
const TAG = /<(\/?)([a-zA-Z!?][^\s/>]*)((?:\s+[^\s=>"]+(?:="[^"]*")?)*)\s*\/?>/g
const ATTRIBUTE = /\s+([^\s=>"]+)(?:="([^"]*)")?/g

const TAGS = new Set(
  'a blockquote br button code details div em fieldset h3 h4 hr img input label legend li ol p path pre s section span strong summary svg table tbody td textarea th thead tr ul circle rect g'.split(
    ' ',
  ),
)
const ATTRIBUTES =
  /^(?:class|href|target|rel|src|alt|start|tabindex|title|disabled|role|type|name|checked|id|for|rows|maxlength|placeholder|viewBox|width|height|fill|stroke|stroke-.*|d|cx|cy|r|x|y|rx|xmlns|aria-.*|data-(?:task|done|quiz|unsupported|unmet|hint))$/
const HREF =
  /^(?:https?:\/\/[^\s"<>]*|#[a-z0-9][a-z0-9-]*|\?lesson=[a-z0-9][a-z0-9-]*(?:#[a-z0-9][a-z0-9-]*)?)$/i
const PICTURE = /^\/lessons\/x\/(?!.*\.\.)[\w./-]+\.(?:svg|png|webp|jpe?g|gif)$/

export function htmlFaults(html: string): string[] {
  const faults: string[] = []
  const plain = html.replace(/<!--\$?[[\]!\w/-]*-->/g, '') // Svelte's marks
  const rest = plain.replace(TAG, (tag, _slash, name: string, attributes: string) => {
    if (!TAGS.has(name)) faults.push(`the element ${tag.slice(0, 80)}`)
    for (const [, key, value = ''] of attributes.matchAll(ATTRIBUTE)) {
      if (!ATTRIBUTES.test(key!)) faults.push(`the attribute ${key} of ${tag.slice(0, 80)}`)
      if (key === 'href' && !HREF.test(value.replaceAll('&amp;', '&')))
        faults.push(`the link ${value.slice(0, 80)}`)
      if (key === 'src' && !PICTURE.test(value)) faults.push(`the picture ${value.slice(0, 80)}`)
    }
    return ''
  })
  // What is left is text; a bracket in it would begin an element.
  if (rest.includes('<'))
    faults.push(`an open bracket: ${rest.slice(rest.indexOf('<'), rest.indexOf('<') + 80)}`)
  return faults
}
