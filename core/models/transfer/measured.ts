import type { LiveHost } from '../../cluster/hosts'
import type { Expected } from './expected'

/** The bytes of one model in one hub directory. */
export interface Measured {
  /** Finished blobs by name, links followed. */
  blobs: Map<string, number>
  /** Of what is being written, the largest by the name it will have. */
  parts: Map<string, number>
  /** Of one snapshot by path, links followed; null is a broken link. Empty where no commit was asked for. */
  files: Map<string, number | null>
  /** Of the disk; null where `df` did not tell. */
  availableBytes: number | null
}

// `b bytes name` a blob, `p bytes name` what is being written, `f bytes path` a file of the snapshot, `d KiB` free.
const program = String.raw`
use strict;
my ($hub, $folder, $commit) = @ARGV;
my $dir = "$hub/$folder";
sub names { opendir(my $h, shift) or return (); return grep { !/^\.\.?\z/ && !/[\x00-\x1f]/ } readdir $h }
for my $name (names("$dir/blobs")) {
  my @s = stat "$dir/blobs/$name" or next;
  if (-d _) { next }
  if ($name =~ /^([0-9a-f]{40,64})(?:\.[0-9a-f]{8})?\.incomplete\z/ || $name =~ /^\.([0-9a-f]{40,64})\.\w{6}\z/) { print "p\t$s[7]\t$1\n" }
  else { print "b\t$s[7]\t$name\n" }
}
for my $name (names("$dir/blobs/.spark-control-partial")) {
  my @s = stat "$dir/blobs/.spark-control-partial/$name" or next;
  print "p\t$s[7]\t$name\n";
}
my @queue = $commit eq "" ? () : ([""]);
my $count = 0;
while (my $at = shift @queue) {
  my ($below) = @$at;
  for my $name (names("$dir/snapshots/$commit/$below")) {
    last if $count++ > 20000;
    my $path = "$dir/snapshots/$commit/$below$name";
    lstat $path;
    if (-d _) { push @queue, ["$below$name/"]; next }
    my @s = stat $path;
    print "f\t", (@s ? $s[7] : ""), "\t$below$name\n";
  }
}
my $at = $hub;
while (!-d $at && $at =~ s{/[^/]+\z}{}) {}
if (open(my $df, "-|", "df", "-kP", $at eq "" ? "/" : $at)) {
  my $row = (<$df>)[-1] // "";
  print "d\t$1\t\n" if $row =~ /\s\d+\s+\d+\s+(\d+)\s+\S+%/;
}
`

/** Measures a model's files. @param commit also those of that snapshot. @throws {Error} when the host can't tell */
export async function measure(
  live: LiveHost,
  hub: string,
  repo: string,
  { commit = null, signal }: { commit?: string | null; signal?: AbortSignal } = {},
): Promise<Measured> {
  const command = ['perl', '-e', program, '--', hub, repoFolder(repo), commit ?? '']
  const { code, stdout, stderr } = await live.run(command, { timeoutMs: 30_000, signal })
  if (code !== 0) throw new Error(`${live.host.id}: did not tell sizes (${stderr.trim().slice(0, 200)}); try again`)
  return readMeasured(stdout)
}

/** The folder name of a repo inside a hub directory. */
export function repoFolder(repo: string): string {
  return `models--${repo.replaceAll('/', '--')}`
}

/** Reads what the program printed. */
export function readMeasured(text: string): Measured {
  const measured: Measured = { blobs: new Map(), parts: new Map(), files: new Map(), availableBytes: null }
  for (const line of text.split('\n')) {
    const [mark, size = '', name = ''] = line.split('\t')
    if (mark === 'b') measured.blobs.set(name, Number(size))
    else if (mark === 'p') measured.parts.set(name, Math.max(Number(size), measured.parts.get(name) ?? 0))
    else if (mark === 'f') measured.files.set(name, size === '' ? null : Number(size))
    else if (mark === 'd') measured.availableBytes = Number(size) * 1024
  }
  return measured
}

/** Bytes that have arrived: of what is expected where that is known, so that an older revision beside it does not count. */
export function arrivedBytes({ blobs, parts }: Measured, expected: Pick<Expected, 'files'> | null): number {
  const at = (name: string) => blobs.get(name) ?? parts.get(name) ?? 0
  if (!expected || expected.files.some(({ blob }) => blob === null)) {
    const open = [...parts].filter(([name]) => !blobs.has(name)).map(([, bytes]) => bytes)
    return [...blobs.values(), ...open].reduce((sum, bytes) => sum + bytes, 0)
  }
  // Two files of the same content are one blob.
  const wanted = new Map(expected.files.map(({ blob, bytes }) => [blob ?? '', bytes]))
  return [...wanted].reduce((sum, [blob, bytes]) => sum + Math.min(bytes, at(blob)), 0)
}

/** Bytes that come in all, each content once. */
export function wholeBytes({ files }: Pick<Expected, 'files'>): number {
  const once = new Map(files.map(({ blob, bytes, path }) => [blob ?? path, bytes]))
  return [...once.values()].reduce((sum, bytes) => sum + bytes, 0)
}

/** Files of a snapshot that are not as long as they should be, each with how it is; those that are missing apart. */
export function sizeFaults(files: Measured['files'], expected: Expected): { wrong: string[]; missing: string[] } {
  const wrong = expected.files.filter(({ path, bytes }) => files.has(path) && files.get(path) !== bytes)
  const missing = expected.files.filter(({ path }) => !files.has(path))
  return { wrong: wrong.map(({ path }) => path), missing: missing.map(({ path }) => path) }
}
