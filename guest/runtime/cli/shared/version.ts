/** The version that the client reports: the Docker release whose command line it follows, Debian's. */
export const CLIENT_VERSION = { version: '26.1.5', apiVersion: '1.45' } as const
