import { expect, it } from 'vitest'
import { FileTree } from '../lib/trees/file-tree.ts'
import { addAccount } from './debian.ts'
import { NGINX_ACCOUNT } from './nginx.ts'
import { REDIS_ACCOUNT } from './redis.ts'

it('adds the accounts of the official images, as useradd and groupadd write them', () => {
  const tree = new FileTree(0)
  tree.file('etc/passwd', '')
  tree.file('etc/group', '')
  tree.file('etc/shadow', '', { mode: 0o640, gid: 42 })
  for (const account of [NGINX_ACCOUNT, REDIS_ACCOUNT]) addAccount(tree, account)
  expect(tree.text('etc/passwd')).toBe(
    'nginx:x:101:101:nginx user:/nonexistent:/bin/false\nredis:x:999:999::/home/redis:/bin/sh\n',
  )
  expect(tree.text('etc/group')).toBe('nginx:x:101:\nredis:x:999:\n')
  expect(tree.text('etc/shadow')).toBe('nginx:!:20089::::::\nredis:!:20089::::::\n')
  expect(tree.get('etc/shadow')).toMatchObject({ mode: 0o640, gid: 42 })
})
