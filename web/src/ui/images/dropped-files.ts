import type { ChosenFile } from '../../state/build/build-files.ts'

type Found = ChosenFile & { file: File }

/**
 * The files of a drop, with those in its folders; a single folder is what was meant itself, and `keepFolder` keeps its
 * name in the paths. Must be called within the event, because only that may read what was dropped:
 * https://html.spec.whatwg.org/multipage/dnd.html#drag-data-store-mode
 */
export async function droppedFiles(transfer: DataTransfer, keepFolder = false): Promise<Found[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const plain = [...transfer.files].map((file) => ({ path: file.name, file }))
  // Files that a script made have no file system entries.
  if (entries.length === 0) return plain
  const [only] = entries
  const alone = !keepFolder && entries.length === 1 && only?.isDirectory === true
  const found = await Promise.all(entries.map((entry) => filesBelow(entry, entry.name)))
  return found
    .flat()
    .map(({ path, file }) => ({ path: alone ? path.slice(only!.name.length + 1) : path, file }))
}

async function filesBelow(entry: FileSystemEntry, path: string): Promise<Found[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    return [{ path, file }]
  }
  const found: Found[] = []
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // The browser lists a folder in parts; the last one is empty.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (part.length === 0) return found
    for (const inner of part) found.push(...(await filesBelow(inner, `${path}/${inner.name}`)))
  }
}
