import type { LiveHost } from '../../cluster/hosts'
import { type FolderReading, isLink, limits, notText, type RecipeText, tooLarge, tooMany } from './reading'

/**
 * Walks a folder on a Spark. Told what is known (`mark path` lines on stdin), it answers one line a file: `file` with its
 * mark, path and text, `same` where the mark is known, `skip` with a reason; then `commit` and `end`. Paths and texts are hex,
 * since nothing else survives every byte. Nothing is followed that is a link.
 * Written for perl because perl-base is on every Debian and Ubuntu, and one process reads hundreds of files at once.
 */
const script = String.raw`
use strict;
my ($root, $most, $longest, $total, $entries, $deepest) = @ARGV;
$root =~ s{^~(?=/|$)}{$ENV{HOME}};
my %known;
while (<STDIN>) { chomp; my ($mark, $path) = split / /, $_, 2; $known{$path} = $mark if defined $path }
-d $root or do { print "absent\nend\n"; exit };
my ($seen, $files, $bytes) = (0, 0, 0);
my @queue = (['', 0]);
sub put { print join(' ', @_), "\n" }
while (my $next = shift @queue) {
  my ($below, $depth) = @$next;
  opendir(my $handle, $below eq '' ? $root : "$root/$below") or next;
  for my $name (sort readdir $handle) {
    next if $name =~ /^\./ || $name eq 'node_modules' || $name =~ /[\x00-\x1f\x7f]/;
    next if ++$seen > $entries;
    my $path = $below eq '' ? $name : "$below/$name";
    my $hex = unpack('H*', $path);
    my @stat = lstat "$root/$path" or next;
    if (-d _) { push @queue, [$path, $depth + 1] if $depth < $deepest; next }
    next unless $name =~ /\.ya?ml$/i;
    if (!-f _) { put('skip', 'link', $hex); next }
    if ($stat[7] > $longest) { put('skip', 'large', $hex); next }
    if ($files >= $most || $bytes + $stat[7] > $total) { put('skip', 'many', $hex); next }
    $files++;
    $bytes += $stat[7];
    my $mark = "$stat[7]-$stat[9]-$stat[1]";
    if (($known{$path} || '') eq $mark) { put('same', $mark, $hex); next }
    open(my $in, '<', "$root/$path") or do { put('skip', 'closed', $hex); next };
    binmode $in;
    my $text = '';
    read($in, $text, $longest);
    put('file', $mark, $hex, unpack('H*', $text));
  }
}
sub line { open(my $in, '<', shift) or return ''; my $line = <$in>; $line = '' unless defined $line; chomp $line; return $line }
sub commit {
  my ($git) = @_;
  my $head = line("$git/HEAD");
  return $head if $head =~ /^[0-9a-f]{40}$/;
  return '' unless $head =~ m{^ref: (refs/[\w./-]+)$};
  my $ref = $1;
  return '' if $ref =~ /\.\./;
  my $loose = line("$git/$ref");
  return $loose if $loose =~ /^[0-9a-f]{40}$/;
  open(my $in, '<', "$git/packed-refs") or return '';
  while (<$in>) { return $1 if /^([0-9a-f]{40}) \Q$ref\E$/ }
  return '';
}
my $at = $root;
for (1 .. 8) {
  if (-f "$at/.git/HEAD") { put('commit', commit("$at/.git")); last }
  $at =~ s{/+[^/]*$}{} && $at ne '' or last;
}
print "end\n";
`

const reasons: Record<string, string> = { link: isLink, large: tooLarge, many: tooMany, closed: 'may not be read' }

/** Reads the recipes of a folder on a Spark and below it, in one round trip; what is `known` with the same mark does not travel again. */
export async function hostFolder(
  live: Pick<LiveHost, 'run'>,
  folder: string,
  known: readonly RecipeText[],
  signal?: AbortSignal,
): Promise<FolderReading> {
  const { files, totalBytes, fileBytes, entries, depth } = limits
  const bounds = [files, fileBytes, totalBytes, entries, depth].map(String)
  const { code, stdout, stderr } = await live.run(['perl', '-e', script, folder, ...bounds], {
    input: known.map(({ mark, path }) => `${mark} ${path}\n`).join(''),
    timeoutMs: 30_000,
    maxBytes: 2 * totalBytes + 1024 * 1024,
    ...(signal ? { signal } : {}),
  })
  if (code !== 0 || !stdout.endsWith('end\n'))
    return nothing(
      `cannot be read (${stderr.trim().split('\n')[0]?.slice(0, 120) || `exit code ${code}`}); see whether perl is there`,
    )
  return read(stdout, new Map(known.map((file) => [file.path, file])))
}

function nothing(problem: string): FolderReading {
  return { files: [], skipped: [], commit: null, problem }
}

function read(answer: string, known: ReadonlyMap<string, RecipeText>): FolderReading {
  const reading: FolderReading = { files: [], skipped: [], commit: null, problem: null }
  for (const line of answer.split('\n')) {
    const [kind, what = '', hexPath = '', hexText = ''] = line.split(' ')
    if (kind === 'absent') return nothing('cannot be read; check that this folder is there')
    if (kind === 'commit') reading.commit = /^[0-9a-f]{40}$/.test(what) ? what : null
    const path = utf8(hexPath)
    if (path === null || path === '') continue
    const skip = (problem: string) => reading.skipped.push({ path, problem })
    if (kind === 'skip') skip(reasons[what] ?? 'was not read')
    else if (kind === 'same' || kind === 'file') {
      const text = kind === 'same' ? (known.get(path)?.text ?? null) : utf8(hexText)
      if (text === null) skip(notText)
      else reading.files.push({ path, mark: what, text })
    }
  }
  return reading
}

function utf8(hex: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(hex, 'hex'))
  } catch {
    return null
  }
}
