import type { LiveHost } from '../../cluster/hosts'
import { repoFolder } from './measured'
import { removalFailure } from './removal-failure'

/** What became of a model's folder in one hub directory. */
export interface Removed {
  /** Bytes that the disk has more now; null where nothing was there to remove. */
  freedBytes: number | null
  /** Bytes that stay, in the store that all repos of the cache share. */
  sharedBytes: number
}

/**
 * Deletes one model so that it may be cut off anywhere: one rename takes it out of the cache, then what was renamed is
 * removed. Done again it goes on with what it finds. Nothing follows a link: a link in the model's place is only unlinked,
 * `rm` and `rename` work on names inside the hub directory, which is entered once.
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
  open(my $df, "-|", "df", "-kP", ".") or return 0;
  my $row = (<$df>)[-1] // "";
  return $row =~ /\s\d+\s+\d+\s+(\d+)\s+\S+%/ ? $1 : 0;
}
sub note {
  my ($name, $text) = @_;
  open(my $file, ">", "$own/$name.new") or fail("closed", "$own: $!");
  print $file $text;
  close $file or fail("closed", "$own: $!");
  rename "$own/$name.new", "$own/$name";
}
sub noted { open(my $file, "<", "$own/" . shift) or return 0; return <$file> // 0 }
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
if (-l $folder) { unlink $folder or fail("closed", "$folder: $!") }
elsif (-d $folder && !-e "$own/$folder") {
  mkdir $trash, 0755;
  mkdir $own, 0755;
  fail("closed", "$trash: $!") unless -d $own;
  my ($mine, $shared) = sizes();
  note("mine", $mine);
  note("shared", $shared);
  note("before", free());
  if (!rename $folder, "$own/$folder") {
    my $why = "$!";
    unlink map { "$own/$_" } qw(mine shared before);
    rmdir $own;
    rmdir $trash;
    fail("closed", "$folder: $why");
  }
}
exit 0 unless -d $own;
system "rm", "-rf", "--", "$own/$folder", ".locks/$folder";
fail("left", "$own/$folder") if -e "$own/$folder" || -l "$own/$folder";
my ($before, $mine) = (noted("before"), noted("mine"));
# Some file systems give the room back a little later.
for (1 .. 12) { last if (free() - $before) * 1024 >= $mine * 0.95; select undef, undef, undef, 0.5 }
print join("\t", "freed", (free() - $before) * 1024, noted("shared")), "\n";
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
    return word === 'freed'
      ? { freedBytes: Math.max(0, Number(first)), sharedBytes: Number(second) }
      : { freedBytes: null, sharedBytes: 0 }
  throw removalFailure(live.host, hub, word, first || stderr.trim().slice(0, 300))
}
