/**
 * Between the thin `docker` client (guest/native/docker-client/docker.c) and the CLI in the engine (guest/runtime/cli), on
 * GUEST_PATHS.cliSocket. A message is: type (1 byte), payload length (4 bytes, little endian), payload.
 * The client sends `hello` first; the session ends with `exit`.
 */
export const CLI_MESSAGE = {
  /** client → engine: JSON CliHello. */
  hello: 1,
  /** client → engine: bytes typed; an empty payload is end of file. */
  stdin: 2,
  /** client → engine: u16 columns, u16 rows. */
  resize: 3,
  /** client → engine: u8 signal number caught by the client (SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2). */
  signal: 4,
  /** client → engine: u8 how the attachment ended: 0 with the output, 1 by the detach keys, 2 the shim has left. */
  attachEnded: 5,
  /** client → engine: empty; the pipe of `pipeStdout` can be opened for writing. */
  pipeReady: 6,
  /**
   * client → engine: u8 how a pipe ended: 0 all bytes went through it, 1 it could not be had or nobody reads it any more;
   * u64 bytes that went through it.
   */
  pipeEnded: 7,
  /** engine → client: bytes for its stdout, stderr. */
  stdout: 16,
  stderr: 17,
  /** engine → client: u8 1 = terminal raw and no echo, 0 = restored. */
  rawTerminal: 18,
  /** engine → client: u8 exit code; the client restores its terminal and exits. */
  exit: 19,
  /**
   * engine → client: start (1) or stop (0) reading stdin, also to slow it down, or read it once (2); the client does not
   * read it before.
   */
  wantStdin: 20,
  /**
   * engine → client: attach to a process by the socket of its shim, and tell the end by `attachEnded`. u8 flags (1 stdin,
   * 2 stdout, 4 stderr, 8 the end of the input ends the process's), u8 count of detach keys, the keys, the socket's path.
   */
  attach: 21,
  /**
   * engine → client: write stdin to its end into a pipe that somebody reads, and tell by `pipeEnded`. u8 length of the path,
   * the path, bytes that go first, which were read before (66,048 at most).
   */
  pipeStdin: 22,
  /** engine → client: make a pipe of this path, tell by `pipeReady`, write its bytes to stdout, and tell by `pipeEnded`. */
  pipeStdout: 23,
} as const

export interface CliHello {
  argv: string[]
  cwd: string
  env: Record<string, string>
  /** Which of the client's descriptors are terminals. */
  tty: { stdin: boolean; stdout: boolean; stderr: boolean }
  /** Of the terminal, when there is one. */
  columns: number
  rows: number
}
