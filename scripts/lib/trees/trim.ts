import type { FileTree } from './file-tree.ts'

/** Folders no program needs at run time; licences stay in the manifest. */
const UNNEEDED = [
  /^usr\/share\/(doc|man|info|locale|lintian|doc-base|bug|menu|initramfs-tools|gcc|gdb|apport|pixmaps|applications)$/,
  /^usr\/share\/(bash-completion|zsh|fish|icons|i18n|xml|gtk-doc|metainfo|runit|common-licenses)$/,
  /^usr\/(include|src|games|local\/games)$/,
  /^usr\/lib\/(systemd|udev|sysusers\.d|tmpfiles\.d|sysctl\.d|init|valgrind|environment\.d)$/,
  /^usr\/lib\/i386-linux-gnu\/(pkgconfig|cmake|gconv|gio|girepository-1\.0)$/,
  /^etc\/(init\.d|rc\d\.d|cron\.\w+|logrotate\.d|systemd|default|init|kernel|ld\.so\.conf\.d\/fakeroot.*)$/,
  /^usr\/share\/zoneinfo\/(right|posix)$/,
  /\.(a|la)$/,
]

/** Removes documentation, translations, headers and service files. `keep` names folders to spare. */
export function trim(tree: FileTree, keep: string[] = []): void {
  tree.removeWhere((path) => !keep.includes(path) && UNNEEDED.some((pattern) => pattern.test(path)))
}
