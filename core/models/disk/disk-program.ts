import { reading } from './reading-program'

/**
 * Runs on a Spark: finds every place where models lie and prints what is there in lines of tab-separated fields, in which
 * bytes that could break a line stand as %hex. It reads the fingerprints that the controller knows from its input; of a model
 * that still has a known one it prints no details, so that an unchanged model costs stats only.
 *
 * `c path layout own mounted real problem` begins a cache, `m name path fingerprint known` a model of it; of that model:
 * `p name bytes age dead` a file that is still being written, `r commit path` the revision that is loaded, `s commit` one that
 * has a snapshot, `f name bytes` a file (no bytes: a broken link), `h name end problem` where its safetensors header says it
 * ends, `i name ok total` an index and `w name` a file it names, `o name` a link that no container could follow (without a
 * name: one before all files, and where it leads), `t text` the tree, `j name text` a config, `x text` what could not be
 * looked at, `n text` what was left out though it is there.
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

${reading}
sub model {
  my %m = @_;
  return if ++$models > 2000;
  my ($files, $parts, $trouble) = $m{top} ? files($m{top}) : ([], [], []);
  push @$trouble, @{$m{trouble}};
  push @$parts, @{$m{parts}};
  my @tree = $m{tree} ? stat $m{tree} : ();
  my $newest = @tree ? $tree[10] : 0;
  my $facts = join "\n", $m{path}, $m{leads}, $m{commit} // "", @{$m{commits}}, @tree ? @tree[1, 7, 9, 10] : "", @$trouble;
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
  out("o", "", $m{leads}) if $m{leads} ne "";
  out("x", $_) for @$trouble;
  out("n", "is one of very many; its configuration is read at the next look") if $late;
  my $indexes = 0;
  for my $file (@$files) {
    my ($name, $path, $linked, $stat) = @$file;
    out("f", $name, $stat ? $stat->[2] : "");
    next unless $stat;
    out("o", $name) if $linked && leads_out($path, $m{root});
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
  my ($link) = grep { leads_out($_, $hub) } $path, "$path/blobs", "$path/snapshots";
  my %m = (name => $name, path => $path, root => $hub, leads => defined $link ? real($link) : "");
  return model(%m, commits => [], parts => [], trouble => ["may not be read ($!)"]) unless names($path, 1);
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
  model(%m, commit => $commit, top => $top, commits => \@commits, tree => $tree, parts => \@parts, trouble => []);
}

sub plain_model {
  my ($name, $path) = @_;
  return if defined $repo && $repo ne "" && $repo ne $name;
  return if $seen{inode($path)}++;
  my $kept = "$path/.cache/huggingface/download";
  my @parts = map { [$_, "$kept/$_", 0] } grep { /\.incomplete\z/ } @{names($kept, 5000) // []};
  model(name => $name, path => $path, root => $path, leads => "", top => $path, commits => [], parts => \@parts, trouble => []);
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

# launch-cluster.sh and docker mount the folder above it, in which a hub that is a link would lead nowhere.
my $launched = expanded($ENV{HF_HOME} || "~/.cache/huggingface");
sub is_mounted {
  my ($path, $there) = @_;
  return ($there ? real($path) eq real($launched) . "/hub" : $path eq "$launched/hub") ? 1 : 0;
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
  out("c", $path, $layout, $own, $layout eq "hub" && is_mounted($path, $there), -l $path ? real($path) : $path, $problem);
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
