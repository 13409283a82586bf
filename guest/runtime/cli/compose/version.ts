/** The release of Compose whose command line, files and labels these are. */
export const COMPOSE_VERSION = '2.26.1'
