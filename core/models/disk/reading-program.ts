/**
 * The part of a look's program (disk-program.ts) that reads folders and files: which there are below a model, where a
 * safetensors file ends by its own header, what an index names, and which links a container could not follow.
 */
export const reading = String.raw`
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
sub real {
  my $path = shift;
  my $real = chdir($path) ? readlink("/proc/self/cwd") : undef;
  chdir "/";
  return $real // $path;
}
# Only the folder itself is mounted, under another name: no absolute link leads anywhere there, nor one that climbs out.
sub leads_out {
  my ($path, $root) = @_;
  for (1 .. 9) {
    my $to = readlink($path) // return 0;
    return 1 if $to =~ m{^/};
    $path =~ s{[^/]*\z}{$to};
    $path =~ s{//+}{/}g;
    1 while $path =~ s{/\.(?=/|\z)|/(?!\.\./)[^/]+/\.\.(?=/|\z)}{};
    return 1 if index($path, "$root/") != 0;
  }
  return 0;
}
sub text {
  my ($path, $most) = @_;
  return undef unless -f $path && -s _ <= $most && open(my $file, "<:raw", $path);
  local $/;
  return scalar <$file>;
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
`
