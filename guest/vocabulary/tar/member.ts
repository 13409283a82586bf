/** What a tar archive says about one of its members. */
export type TarMemberType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo'

export interface TarMember {
  type: TarMemberType
  /** As in the archive, as a byte string: see byte-string.ts. */
  path: string
  /** Target of a symbolic or hard link, as a byte string. */
  link: string
  /** Permission bits with set-uid, set-gid and sticky. */
  mode: number
  uid: number
  gid: number
  /** Seconds since the epoch, and the rest in nanoseconds. */
  mtime: number
  nanoseconds: number
  /** Bytes of a file's content; 0 for all others. */
  size: number
  device: [major: number, minor: number]
  xattrs: Record<string, Uint8Array>
}

/** Type flags; `7`, contiguous files, are files to everyone. */
export const TYPE_OF_FLAG: Readonly<Partial<Record<string, TarMemberType>>> = {
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
}

export const FLAG_OF_TYPE = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
} as const satisfies Record<TarMemberType, string>
