/** Has the browser keep the bytes as a file of the name. */
export function downloadBlob(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The download holds the bytes by itself once the click has been dealt with.
  setTimeout(() => URL.revokeObjectURL(link.href))
}
