/** One file of an initramfs. */
export interface CpioFile {
  name: string
  mode: number
  data: Buffer
}

const TRAILER = 'TRAILER!!!'

/**
 * A cpio archive in the "newc" format, which the kernel unpacks as its initramfs.
 * Format: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel. Owners are root, times 0.
 */
export function writeCpio(files: CpioFile[]): Buffer {
  const parts = files.flatMap((file, index) => entry({ ...file, inode: index + 1, links: 1 }))
  parts.push(...entry({ name: TRAILER, mode: 0, data: Buffer.alloc(0), inode: 0, links: 1 }))
  return Buffer.concat(parts)
}

function entry({ name, mode, data, inode, links }: CpioFile & { inode: number; links: number }): Buffer[] {
  const path = Buffer.from(`${name}\0`)
  // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, path.length, 0]
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
  return [header, path, padding(header.length + path.length), data, padding(data.length)]
}

/** The zeros up to the next multiple of four. */
function padding(length: number): Buffer {
  return Buffer.alloc(-length & 3)
}
