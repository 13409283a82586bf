/** The page's own files of public/ beside index.html: its icons, and what a browser installs it by. */
export const SHELL_FILES = ['icon.svg', 'icon-192.png', 'icon-512.png', 'manifest.webmanifest'] as const
