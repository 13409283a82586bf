/** The version that the client reports: that of Debian's Docker release, whose command line it follows. */
export const CLIENT_VERSION = { version: '26.1.5', apiVersion: '1.45' } as const
