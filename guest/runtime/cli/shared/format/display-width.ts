/** Terminal columns of a text: East Asian wide and fullwidth characters take two (Unicode TR 11). */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]/u

const ASCII = /^[\x00-\x7F]*$/

export const charWidth = (char: string): number => (WIDE.test(char) ? 2 : 1)

export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const char of text) width += charWidth(char)
  return width
}

/** Cuts the text to `width` columns, the last one an ellipsis, as Docker's tables do. */
export function ellipsis(text: string, width: number): string {
  const chars = [...text]
  if (width <= 0) return ''
  if (width === 1) return chars[0] ?? ''
  if (displayWidth(text) <= width) return text
  let used = 0
  let kept = ''
  for (const char of chars) {
    used += charWidth(char)
    if (used > width - 1) break
    kept += char
  }
  return `${kept}…`
}
