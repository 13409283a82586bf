/** Go's filepath.Clean: one slash between names, no `.`, no `..` but at the beginning, no slash at the end; `.` when nothing is left. */
export function cleanPath(path: string): string {
  const isAbsolute = path.startsWith('/')
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.length > 0 && names.at(-1) !== '..') names.pop()
    else if (!isAbsolute) names.push(name)
  }
  const cleaned = names.join('/')
  return isAbsolute ? `/${cleaned}` : cleaned || '.'
}
