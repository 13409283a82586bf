/** What the client says of itself: the Docker release whose command line it follows. */
export const CLIENT_VERSION = { version: '28.5.2', apiVersion: '1.51' } as const
