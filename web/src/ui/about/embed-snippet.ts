/** What is on the screen, as far as an embed can show it. */
export interface OnScreen {
  /** The address of the site, with a trailing slash. */
  base: string
  lesson: string | undefined
  step: string | undefined
  panel: string
  /** The line that the terminal in front ran last; empty for none. */
  line: string
}

/** The HTML by which another site's page embeds what is on the screen: docs/embedding.md. */
export function embedSnippet({ base, lesson, step, panel, line }: OnScreen): string {
  const attributes = { lesson, step: lesson === undefined ? undefined : step, layout: 'split', panels: panel }
  const written = Object.entries(attributes).map(([name, value]) =>
    value === undefined ? '' : ` ${name}="${escaped(value)}"`,
  )
  const code = lesson === undefined && line !== '' ? `<pre><code>${escaped(line)}</code></pre>` : ''
  return [
    `<script async src="${escaped(base)}embed.js"></script>`,
    `<porthole-playground${written.join('')}>${code}</porthole-playground>`,
  ].join('\n')
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
