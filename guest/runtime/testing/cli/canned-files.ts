/** The directory in which transcripts are recorded and replayed, and its files. Test data. */
export const DIRECTORY = '/tmp/porthole-cli'

export const FILES: Record<string, string> = {
  'vars.env': '# a comment\nA=from file\n  B=indented\nHOME\nNOT_SET_ANYWHERE\n',
  'bad.env': 'A B=1\n',
  'labels.txt': 'one=1\ntwo\n',
  'profile.json': '{ "defaultAction": "SCMP_ACT_ALLOW" }\n',
  'archive.tar': 'a tar archive',
  taken: 'an id',
}
