/**
 * Runs on a Spark: finds every place where models lie and prints what is there in lines of tab-separated fields, in which
 * bytes that could break a line stand as %hex. It reads the fingerprints that the controller knows from its input; of a model
 * that still has a known one it prints no details, so that an unchanged model costs stats only.
 *
 * `c path layout own problem` begins a cache, `m name path fingerprint known` a model of it; of that model: `p name bytes age
 * dead` a file that is still being written, `r commit path` the revision that is loaded, `s commit` one that has a snapshot,
 * `f name bytes` a file (no bytes: a broken link), `h name end problem` where its safetensors header says it ends, `i name ok
 * total` an index and `w name` a file it names, `t text` the tree, `j name text` a config, `x text` what
 * could not be looked at, `n text` what was left out though it is there.
 * `l path` is a leftover of a delete, `d total available` the own cache's disk in KiB, `e` the end.
 *
 * Written for perl because perl-base, of which it needs no module, is on every Debian and Ubuntu; no single quotes, which
 * cost four characters each on the way.
 */
const program = String.raw`
use strict;
my ($repo, @folders) = @ARGV;
my $now = time;
my $home = $ENV{HOME} || (getpwuid($<))[7] || "/";
my %known = map { chomp; ($_ => 1) } <STDIN>;
my $budget = 24_000_000;
my ($models, $dirs) = (0, 0);
my (%seen, @own);
binmode STDOUT;
$| = 0;

sub out {
  my @fields = map { defined $_ ? "$_" : "" } @_;
  s/([%\x00-\x1f\x7f-\xff])/sprintf("%%%02x", ord $1)/ge for @fields;
  my $line = join("\t", @fields) . "\n";
  $budget -= length $line;
  print $line;
}
sub names {
  my ($dir, $most) = @_;
  opendir(my $handle, $dir) or return undef;
  my @names;
  while (defined(my $name = readdir $handle)) {
    push @names, $name unless $name eq "." || $name eq "..";
    last if @names >= $most;
  }
  return [sort @names];
}
sub text {
  my ($path, $most) = @_;
  return undef unless -f $path && -s _ <= $most && open(my $file, "<:raw", $path);
  local $/;
  return scalar <$file>;
}
sub expanded {
  my $path = shift;
  $path =~ s{\$\{?(\w+)\}?}{$ENV{$1} // ""}ge;
  $path =~ s{^~(?=/|\z)}{$home};
  $path = "$home/$path" unless $path =~ m{^/};
  $path =~ s{(?<=.)/+\z}{};
  return $path;
}
sub inode { my @s = stat shift; return @s ? "$s[0]:$s[1]" : undef }
sub digest {
  use integer;
  my $text = shift;
  $text .= "\0" x (8 - length($text) % 8);
  my $hash = 1469598103934665603;
  for my $word (unpack "q*", $text) {
    $hash = ($hash ^ $word) * 1099511628211;
    $hash ^= $hash >> 32;
  }
  return sprintf "%016x", $hash;
}

my $offsets = qr/"data_offsets"\s*:\s*\[\s*(\d{1,18})\s*,\s*(\d{1,18})\s*\]/;
sub header_end {
  my ($path, $size) = @_;
  open(my $file, "<:raw", $path) or return (undef, "closed");
  read($file, my $bytes, 9);
  return (undef, "bad") if length $bytes < 9;
  my $length = unpack "Q<", $bytes;
  return (undef, "bad") if $length < 2 || $length > 100_000_000 || substr($bytes, 8) ne "{";
  my $data = 8 + $length;
  return ($data + 1, "") if $data > $size;
  # The last tensor usually stands last: only where that does not fit is all of it read.
  my $from = $length > 65536 ? $data - 65536 : 8;
  my ($end, $rest) = (0, "");
  for my $begin ($from, 8) {
    seek $file, $begin, 0;
    my $left = $data - $begin;
    while ($left > 0) {
      my $got = read($file, my $part, $left < 1048576 ? $left : 1048576) or last;
      $left -= $got;
      $part = $rest . $part;
      while ($part =~ /$offsets/g) { $end = $2 if $2 > $end }
      $rest = length $part > 200 ? substr($part, -200) : $part;
    }
    last if $data + $end == $size || $begin == 8;
    $rest = "";
  }
  return ($data + $end, "");
}

sub index_of {
  my ($name, $path) = @_;
  my $text = text($path, 100_000_000);
  return out("i", $name, 0) unless defined $text;
  my ($total) = $text =~ /"total_size"\s*:\s*"?([0-9.eE+]{1,30})/;
  my ($whole, %files) = (0);
  if ($text =~ /"weight_map"\s*:\s*\{\s*/g) {
    while ($text =~ /\G"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*:\s*"([^"\\]*+(?:\\.[^"\\]*+)*+)"\s*([,}])\s*/gc) {
      $files{$1} = 1;
      if ($2 eq "}") { $whole = 1; last }
      last if keys %files > 4096;
    }
  }
  out("i", $name, $whole, $total);
  for my $file (sort keys %files) {
    $file =~ s/\\u00([0-7][0-9a-fA-F])/chr hex $1/ge;
    $file =~ s/\\(.)/$1/g;
    out("w", $file);
  }
}

# Every file below a folder with its stat, links to files followed, links to folders not; those of the top first.
sub files {
  my $top = shift;
  my (@files, @parts, @trouble);
  my @queue = ([$top, "", 0]);
  while (my $at = shift @queue) {
    my ($dir, $prefix, $depth) = @$at;
    my $names = names($dir, 5001);
    if (!$names) { push @trouble, ($prefix eq "" ? "" : "$prefix: ") . "may not be read ($!)"; next }
    for my $name (@$names) {
      my $path = "$dir/$name";
      my @link = lstat $path or next;
      if (-d _) { push @queue, [$path, "$prefix$name/", $depth + 1] if $depth < 4 && $name !~ /^\./; next }
      my $linked = -l _;
      my @stat = stat $path;
      next if @stat && !-f _;
      if ($name =~ /^\.(.+)\.[A-Za-z0-9]{6}\z/) { push @parts, [$1, $path, 0]; next }
      if (@files >= 5000) { push @trouble, "holds over 5000 files; only those were looked at"; return (\@files, \@parts, \@trouble) }
      push @files, ["$prefix$name", $path, $linked ? $link[9] : 0, @stat ? [@stat[0, 1, 7, 9, 10]] : undef];
    }
  }
  return (\@files, \@parts, \@trouble);
}

sub model {
  my %m = @_;
  return if ++$models > 2000;
  my ($files, $parts, $trouble) = $m{top} ? files($m{top}) : ([], [], []);
  push @$trouble, @{$m{trouble}};
  push @$parts, @{$m{parts}};
  my @tree = $m{tree} ? stat $m{tree} : ();
  my $newest = @tree ? $tree[10] : 0;
  my $facts = join "\n", $m{path}, $m{commit} // "", @{$m{commits}}, @tree ? @tree[1, 7, 9, 10] : "", @$trouble;
  for my $file (@$files) {
    my ($name, undef, $linked, $stat) = @$file;
    $facts .= join "\n", "", $name, $linked, $stat ? @$stat : "broken";
    $newest = $stat->[4] if $stat && $stat->[4] > $newest;
  }
  # Clocks of files tell whole seconds: what changed just now may change again unseen.
  my $print = abs($now - $newest) <= 2 ? "-" : digest($facts);
  my $unchanged = $print ne "-" && $known{$print} ? 1 : 0;
  my $late = !$unchanged && $budget < 2_000_000;
  out("m", $m{name}, $m{path}, $late ? "-" : $print, $unchanged);
  for my $part (@$parts) {
    my ($name, $path, $dead) = @$part;
    my @s = stat $path or next;
    out("p", $name, $s[7], $now - $s[9], $dead);
  }
  return if $unchanged;
  out("r", $m{commit}, $m{top});
  out("s", $_) for @{$m{commits}};
  out("x", $_) for @$trouble;
  out("n", "is one of very many; its configuration is read at the next look") if $late;
  my $indexes = 0;
  for my $file (@$files) {
    my ($name, $path, undef, $stat) = @$file;
    out("f", $name, $stat ? $stat->[2] : "");
    next unless $stat;
    if ($name =~ /\.safetensors\z/) { out("h", $name, header_end($path, $stat->[2])) }
    elsif ($name =~ /\.(?:safetensors|bin)\.index\.json\z/ && $indexes++ < 16) { index_of($name, $path) }
    elsif (($name eq "config.json" || $name eq "hf_quant_config.json") && !$late) {
      my $text = text($path, 1_000_000);
      if (defined $text) { out("j", $name, $text) }
      else { out("n", "$name: " . (-s $path > 1_000_000 ? "is over 1 MB and was not read" : "may not be read by this login")) }
    }
  }
  if ($m{tree}) { my $tree = text($m{tree}, 4_000_000); out("t", $tree) if defined $tree }
}

sub hub_model {
  my ($hub, $name) = @_;
  my $path = "$hub/$name";
  return unless -d $path;
  return model(name => $name, path => $path, commits => [], parts => [], trouble => ["may not be read ($!)"]) unless names($path, 1);
  my @commits = grep { /^[0-9a-f]{40}\z/ && -d "$path/snapshots/$_" } @{names("$path/snapshots", 1000) // []};
  my %age = map { ($_ => (stat "$path/snapshots/$_")[9]) } @commits;
  my ($main) = (text("$path/refs/main", 100) // "") =~ /^\s*([0-9a-f]{40})\s*\z/;
  my $commit = $main // (sort { $age{$b} <=> $age{$a} || $a cmp $b } @commits)[0];
  my @parts;
  for my $blob (@{names("$path/blobs", 20000) // []}) {
    next unless $blob =~ /^(.+?)(?:\.[0-9a-f]{8})?\.incomplete\z/ || $blob =~ /^\.(.+)\.[A-Za-z0-9]{6}\z/;
    push @parts, [$1, "$path/blobs/$blob", -e "$path/blobs/$1" ? 1 : 0];
  }
  return unless @commits || @parts || -d "$path/snapshots";
  my $top = defined $commit && $age{$commit} ? "$path/snapshots/$commit" : undef;
  my $tree = defined $commit ? "$path/trees/$commit.json" : undef;
  model(name => $name, path => $path, commit => $commit, top => $top, commits => \@commits, tree => $tree, parts => \@parts, trouble => []);
}

sub plain_model {
  my ($name, $path) = @_;
  return if defined $repo && $repo ne "" && $repo ne $name;
  return if $seen{inode($path)}++;
  my $kept = "$path/.cache/huggingface/download";
  my @parts = map { [$_, "$kept/$_", 0] } grep { /\.incomplete\z/ } @{names($kept, 5000) // []};
  model(name => $name, path => $path, top => $path, commits => [], parts => \@parts, trouble => []);
}
sub is_model { return scalar grep { /^(?:config|params)\.json\z|.\.(?:gguf|safetensors)\z/ } @{shift() // []} }
sub below { return grep { !/^\.|[\x00-\x1f\x7f]/ && -d "$_[0]/$_" && $dirs++ < 5000 } @{names($_[0], 5000) // []} }

sub plain {
  my $top = shift;
  my $names = names($top, 5000);
  my ($base) = $top =~ m{([^/]+)\z};
  plain_model("local/$base", $top) if is_model($names);
  return if grep { $_ eq "config.json" } @{$names // []};
  for my $name (below($top)) {
    if (is_model(names("$top/$name", 5000))) { plain_model("local/$name", "$top/$name"); next }
    for my $inner (below("$top/$name")) {
      plain_model("$name/$inner", "$top/$name/$inner") if is_model(names("$top/$name/$inner", 5000));
    }
  }
}

sub leftovers { my $trash = shift() . "/.spark-control-trash"; out("l", "$trash/$_") for @{names($trash, 1000) // []} }

sub cache {
  my ($path, $layout, $own, $declared) = @_;
  my $there = stat $path;
  my $why = $there || $! == 2 || $! == 20 ? "" : "$!";
  return if !$there && $why eq "" && !$own && !$declared;
  my $key = inode($path) // $path;
  return if $seen{"cache $key"}++;
  my $names = $there ? names($path, 20000) : [];
  my $problem = $why ne "" ? "may not be read by this login ($why)" : !$there ? ($own ? "" : "is not there") : !-d $path ? "is no folder" : $names ? "" : "may not be read by this login ($!)";
  out("c", $path, $layout, $own, $problem);
  return if $problem ne "" || !$there;
  leftovers($path);
  return plain($path) if $layout eq "folder";
  my $wanted = $repo;
  $wanted =~ s{/}{--};
  for my $name (@$names) {
    hub_model($path, $name) if $name =~ /^models--[A-Za-z0-9][\w.-]*\z/a && ($repo eq "" || $name eq "models--$wanted");
  }
}

my @hubs = map { expanded($_) } grep { $_ } (
  $ENV{HF_HUB_CACHE}, $ENV{HUGGINGFACE_HUB_CACHE}, $ENV{HF_HOME} && "$ENV{HF_HOME}/hub",
  $ENV{XDG_CACHE_HOME} && "$ENV{XDG_CACHE_HOME}/huggingface/hub", "$home/.cache/huggingface/hub",
);
cache($hubs[$_], "hub", $_ == 0 ? 1 : 0, 0) for 0 .. $#hubs;
for my $folder (map { expanded($_) } @folders) {
  my $holds = sub { grep { /^models--/ } @{names($_[0], 20000) // []} };
  if ($holds->($folder)) { cache($folder, "hub", 0, 1) }
  elsif ($holds->("$folder/hub")) { cache("$folder/hub", "hub", 0, 1) }
  else { cache($folder, "folder", 0, 1) }
}

my $at = $hubs[0];
while (!-d $at && $at =~ s{/[^/]+\z}{}) {}
if (open(my $df, "-|", "df", "-kP", $at eq "" ? "/" : $at)) {
  my $row = (<$df>)[-1] // "";
  out("d", $1, $2) if $row =~ /\s(\d+)\s+\d+\s+(\d+)\s+\S+%/;
}
out("e");
`

/** The one command of a look. @param repo only that model, where one is named */
export function diskCommand(folders: readonly string[], repo = ''): string[] {
  return ['perl', '-e', program, '--', repo, ...folders]
}
