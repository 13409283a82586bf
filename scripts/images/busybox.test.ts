import { describe, expect, it } from 'vitest'
import type { FileTree } from '../lib/trees/file-tree.ts'
import { busyboxRoot } from './busybox.ts'

const RELEASED = 1727386302
const program = Buffer.from('\x7fELF\0[\0[[\0adduser\0env\0sh\0top\0\0')
const tree = busyboxRoot({
  program,
  getconf: Buffer.from('getconf'),
  utc: Buffer.from('TZif2'),
  time: RELEASED,
})

/** Prints owners and modes as `ls -ln` does. */
function listing(of: FileTree, paths: string[]): string[] {
  return paths.map((path) => {
    const node = of.get(path)
    return node === undefined
      ? `${path} is absent`
      : `${node.type} ${node.mode.toString(8)} ${node.uid}:${node.gid} ${path}`
  })
}

describe('the root of the busybox image', () => {
  it('has the official image’s folders with their owners and modes', () => {
    const folders = tree
      .entries()
      .filter(([path, node]) => path !== '' && node.type === 'directory')
      .map(([path]) => path)
    expect(listing(tree, folders)).toEqual([
      'directory 755 0:0 bin',
      'directory 755 0:0 dev',
      'directory 755 0:0 etc',
      'directory 755 0:0 etc/network',
      'directory 755 0:0 etc/network/if-down.d',
      'directory 755 0:0 etc/network/if-post-down.d',
      'directory 755 0:0 etc/network/if-pre-up.d',
      'directory 755 0:0 etc/network/if-up.d',
      'directory 755 65534:65534 home',
      'directory 700 0:0 root',
      'directory 1777 0:0 tmp',
      'directory 755 0:0 usr',
      'directory 755 0:0 usr/bin',
      'directory 755 1:1 usr/sbin',
      'directory 755 0:0 var',
      'directory 755 0:0 var/spool',
      'directory 755 8:8 var/spool/mail',
      'directory 755 0:0 var/www',
    ])
  })

  it('has one program under the names of all its applets, and getconf beside it', () => {
    for (const name of ['[', '[[', 'adduser', 'env', 'sh', 'top'])
      expect(tree.get(`bin/${name}`)).toBe(tree.get('bin/busybox'))
    expect(listing(tree, ['bin/busybox', 'bin/getconf'])).toEqual([
      'file 755 0:0 bin/busybox',
      'file 755 0:0 bin/getconf',
    ])
    expect(tree.get('usr/bin/env')).toMatchObject({ type: 'symlink', target: '../../bin/env' })
  })

  it('has the official image’s files in /etc', () => {
    expect(
      listing(tree, ['etc/passwd', 'etc/group', 'etc/shadow', 'etc/localtime', 'etc/nsswitch.conf']),
    ).toEqual([
      'file 644 0:0 etc/passwd',
      'file 644 0:0 etc/group',
      'file 600 0:0 etc/shadow',
      'file 644 0:0 etc/localtime',
      'etc/nsswitch.conf is absent',
    ])
  })

  it('knows root as a member of wheel, and gives each account a group, a home and no password', () => {
    const accounts = tree
      .text('etc/passwd')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(':'))
    const groups = new Map(
      tree
        .text('etc/group')
        .trimEnd()
        .split('\n')
        .map((line) => line.split(':'))
        .map(([name, , id]) => [id!, name!]),
    )
    expect(groups.get('0')).toBe('root')
    expect(tree.text('etc/group')).toContain('\nwheel:x:10:root\n')
    expect(accounts.map(([name, , uid, gid]) => `${name!} ${uid!} ${groups.get(gid!)!}`)).toEqual([
      'root 0 root',
      'daemon 1 daemon',
      'bin 2 bin',
      'sys 3 sys',
      'sync 4 users',
      'mail 8 mail',
      'www-data 33 www-data',
      'operator 37 operator',
      'nobody 65534 nobody',
    ])
    for (const [, , , , , home] of accounts) expect(tree.get(home!.slice(1))?.type).toBe('directory')
    expect(tree.text('etc/shadow')).toBe(accounts.map(([name]) => `${name!}:*:::::::\n`).join(''))
  })

  it('gives every file the time of the release', () => {
    expect(new Set(tree.entries().map(([, { mtime }]) => mtime))).toEqual(new Set([RELEASED]))
  })
})
