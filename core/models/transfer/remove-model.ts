import type { LiveHost } from '../../cluster/hosts'
import { repoFolder } from './measured'
import { removalFailure } from './removal-failure'

/** What became of a model's folder in one hub directory. */
export interface Removed {
  /** Something was there to remove. */
  found: boolean
  /** Bytes that the disk has more now; null where that is not known, as of an interrupted try on a full disk. */
  freedBytes: number | null
  /** Bytes that stay, in the store that all repos of the cache share. */
  sharedBytes: number
}

/**
 * Deletes one model so that it may be cut off anywhere: one rename takes it out of the cache, then what was renamed is
 * removed. Done again it goes on with what it finds. Nothing follows a link: a link in the model's place is only unlinked,
 * `rm` and `rename` work on names inside the hub directory, which is entered once. On a disk without room for a folder what
 * can be made again goes first: locks, parts of files, the names of revisions; the weights lie whole until the rename.
 */
const program = String.raw`
use strict;
my ($hub, $folder, $job) = @ARGV;
$ENV{LC_ALL} = "C";
chdir $hub or exit 0;
my $trash = ".spark-control-trash";
my $own = "$trash/$job";
sub fail { print join("\t", @_), "\n"; exit 1 }
fail("link", $trash) if -l $trash || -l $own;
sub free {
  open(my $df, "-|", "df", "-kP", ".") or return undef;
  my $row = (<$df>)[-1] // "";
  return $row =~ /\s\d+\s+\d+\s+(\d+)\s+\S+%/ ? $1 : undef;
}
# Only a try that goes on after an interruption needs them: where there is no room they are left out.
sub note {
  my ($name, $text) = @_;
  open(my $file, ">", "$own/$name.new") or return;
  print $file $text;
  close $file ? rename "$own/$name.new", "$own/$name" : unlink "$own/$name.new";
}
sub noted { open(my $file, "<", "$own/" . shift) or return undef; return scalar <$file> }
sub sizes {
  my ($mine, $shared) = (0, 0);
  opendir(my $blobs, "$folder/blobs") or return (0, 0);
  for my $name (readdir $blobs) {
    my @link = lstat "$folder/blobs/$name" or next;
    next if -d _;
    if (-l _) { my @s = stat "$folder/blobs/$name"; $shared += $s[7] if @s && readlink("$folder/blobs/$name") =~ m{^\.\./\.\./blobs/[^.]} }
    else { $mine += $link[7] }
  }
  return ($mine, $shared);
}
my @spare = (
  sub { -l ".locks" or system "rm", "-rf", "--", ".locks/$folder" },
  sub {
    return if -l "$folder/blobs" || !opendir(my $blobs, "$folder/blobs");
    unlink map { "$folder/blobs/$_" } grep { /\.incomplete\z/ } readdir $blobs;
  },
  sub { system "rm", "-rf", "--", "$folder/refs" },
);
sub made {
  my $dir = shift;
  for (;;) {
    return if mkdir $dir, 0755;
    my $why = $!;
    return if -d $dir;
    # ENOSPC, EDQUOT
    fail("closed", "$trash: $why") unless $why == 28 || $why == 122;
    my $next = shift @spare or fail("full", "$trash: $why");
    $next->();
  }
}
my ($mine, $shared, $before);
my $linked = -l $folder;
if ($linked) { unlink $folder or fail("closed", "$folder: $!") }
elsif (-d $folder && !-e "$own/$folder") {
  ($mine, $shared) = sizes();
  $before = free();
  made($trash);
  made($own);
  note("mine", $mine);
  note("shared", $shared);
  note("before", $before) if defined $before;
  if (!rename $folder, "$own/$folder") {
    my $why = $!;
    unlink map { "$own/$_" } qw(mine shared before);
    rmdir $own;
    rmdir $trash;
    fail($why == 28 || $why == 122 ? "full" : "closed", "$folder: $why");
  }
}
if (!-d $own) { print "freed\t0\t0\n" if $linked; exit 0 }
$mine //= noted("mine") // 0;
$shared //= noted("shared") // 0;
$before //= noted("before");
system "rm", "-rf", "--", "$own/$folder", -l ".locks" ? () : ".locks/$folder";
fail("left", "$own/$folder") if -e "$own/$folder" || -l "$own/$folder";
# Some file systems give the room back a little later; so little as a few files would not be seen beside what others write.
my $after = free();
for (1 .. 12) {
  last if $mine < 16_777_216 || !defined $before || !defined $after || ($after - $before) * 1024 >= $mine * 0.95;
  select undef, undef, undef, 0.5;
  $after = free();
}
print join("\t", "freed", defined $before && defined $after ? ($after - $before) * 1024 : "", $shared), "\n";
system "rm", "-rf", "--", $own;
rmdir $trash;
`

const limitMs = 900_000

/** Removes a model from one hub directory of a host, or what an interrupted try has left. @throws {JobFailure} */
export async function removeModel(
  live: LiveHost,
  hub: string,
  repo: string,
  job: string,
  signal?: AbortSignal,
): Promise<Removed> {
  const command = ['perl', '-e', program, '--', hub, repoFolder(repo), job]
  const { code, stdout, stderr } = await live.run(command, { timeoutMs: limitMs, signal })
  const [word = '', first = '', second = ''] = stdout.trim().split('\t')
  if (code === 0)
    return {
      found: word === 'freed',
      freedBytes: /^-?\d+$/.test(first) ? Math.max(0, Number(first)) : null,
      sharedBytes: Number(second) || 0,
    }
  throw removalFailure(live.host, hub, word, first || stderr.trim().slice(0, 300))
}
