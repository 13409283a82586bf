/** The shell and environment of the guest's own processes: the page's terminals and `npm run guest`. */
export const GUEST_SHELL: readonly string[] = ['bash', '-l']

export const GUEST_ENV: readonly string[] = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'USER=root',
  'LOGNAME=root',
  'SHELL=/bin/bash',
  'LANG=C.UTF-8',
]
