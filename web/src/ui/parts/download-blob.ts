/** Makes the browser save the bytes as a file of this name. */
export function downloadBlob(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The download holds the bytes itself once the browser has handled the click.
  setTimeout(() => URL.revokeObjectURL(link.href))
}
