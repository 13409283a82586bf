/** What a folder, a zip or an address may hold to be read as a lesson: the one place for these numbers. */
export const IMPORT_LIMITS = {
  /** Files, those that are passed over (a repository's history, programs' packages) left out. */
  files: 2_000,
  /** Entries of a zip or a folder, of any kind. */
  entries: 20_000,
  /** Bytes of one file; larger ones are left out and listed. */
  fileBytes: 2 * 2 ** 20,
  /** Bytes of all files together. */
  totalBytes: 32 * 2 ** 20,
  /** Bytes of a zip. */
  zipBytes: 64 * 2 ** 20,
  /** Unpacked bytes per packed byte of a zip's file; deflate reaches 1032 on zeros, texts stay under 20. */
  ratio: 200,
  /** Bytes from which the ratio counts: a short file of one letter harms nobody. */
  ratioFrom: 2 ** 16,
  /** Bytes of the files that are put into the guest. */
  guestBytes: 4 * 2 ** 20,
  /** Characters of a path. */
  path: 300,
  /** Folders of a path, and parts of a pattern of assets. */
  depth: 20,
  /** Characters of the file that says what the lesson is. */
  indexCharacters: 64_000,
  /** Characters of all pages and scripts; a page that is named twice counts twice. */
  pageCharacters: 1_000_000,
  /** Steps of an imported lesson. */
  steps: 60,
  /** Folded parts inside of one another. */
  folds: 4,
  /** Parts that are listed; how many more there are is said. */
  listed: 200,
  /** Characters that are shown of a part that is listed. */
  shown: 200,
} as const
