/**
 * Runs on a Spark while somebody follows a log, so that a flood costs neither the link nor the controller: passes at most
 * 200 lines and 64 kB a second and counts the rest, quiet lines at once. Marks are lines that begin with \x1e, which no
 * line of the log can: `left N`, `ended`, `started`, and a bare one each 10 s, whose failing write ends it once nobody reads.
 * A log that docker can't tell although the container runs (log driver none) is asked for again each 10 s; its error comes once.
 * Written for perl because perl-base is on every Debian and Ubuntu.
 */
const program = `
use strict;
my ($tail, $name) = @ARGV;
my ($most_lines, $most_bytes, $longest) = (200, 65536, 16384);
my ($pid, $in, $part, $skip) = (0, undef, '', 0);
my ($second, $lines, $bytes, $left) = (0, 0, 0, 0);
my ($extra, $extra_bytes) = ($tail, 1000000);
my ($first, $last, $told) = (1, '', "\\n");
sub leave { kill 'TERM', $pid if $pid; exit 0 }
$SIG{$_} = \\&leave for qw(TERM INT HUP PIPE);
sub put {
  my ($text, $at) = (shift, 0);
  while ($at < length $text) {
    my $n = syswrite(STDOUT, $text, length($text) - $at, $at);
    leave() unless defined $n;
    $at += $n;
  }
}
sub follow {
  $first = 1;
  $pid = open($in, '-|') // exit 1;
  return if $pid;
  open(STDERR, '>&', \\*STDOUT);
  exec('docker', 'logs', @_, '-f', '--', $name) or exit 127;
}
sub running {
  my $asked = open(my $answer, '-|') // return 0;
  if (!$asked) { open(STDERR, '>', '/dev/null'); exec('docker', 'container', 'inspect', '--format', '{{.State.Running}}', '--', $name) or exit 127 }
  my $said = <$answer> // '';
  close $answer;
  return $said =~ /true/;
}
sub tell_left {
  return if time == $second;
  ($second, $lines, $bytes) = (time, $most_lines, $most_bytes);
  put("\\x1eleft $left\\n") if $left;
  $left = 0;
}
sub passes {
  my $size = shift;
  if ($extra > 0 && $extra_bytes > 0) { $extra--; $extra_bytes -= $size; return 1 }
  return 0 if $lines <= 0 || $bytes <= 0;
  $lines--;
  $bytes -= $size;
  return 1;
}
sub take {
  my $data = $part . shift;
  $part = '';
  if ($skip) {
    my $end = index($data, "\\n");
    return if $end < 0;
    $data = substr($data, $end + 1);
    $skip = 0;
  }
  tell_left();
  my ($at, $out) = (0, '');
  while ((my $end = index($data, "\\n", $at)) >= 0) {
    my $line = substr($data, $at, $end - $at);
    my $again = $first && $line eq $told;
    ($first, $last) = (0, $line);
    if ($again) { $at = $end + 1; next }
    if (!passes(length $line)) {
      my $rest = substr($data, $at);
      $left += ($rest =~ tr/\\n//);
      $at = rindex($data, "\\n") + 1;
      last;
    }
    $at = $end + 1;
    $out .= clean($line);
  }
  $part = substr($data, $at);
  if (length $part > $longest) {
    if (passes($longest)) { $out .= clean($part) } else { $left++ }
    ($part, $skip) = ('', 1);
  }
  put($out) if $out ne '';
}
sub clean {
  my $line = shift;
  $line =~ s/.*\\r(?=[^\\r])//s;
  $line =~ tr/\\x1e//d;
  return substr($line, 0, $longest) . "\\n";
}
follow('--tail', $tail);
my $beat = time;
for (;;) {
  my $bits = '';
  vec($bits, fileno($in), 1) = 1;
  if (select($bits, undef, undef, 1) > 0) {
    if (sysread($in, my $chunk, 65536)) { take($chunk) }
    else {
      take("\\n") if $part ne '' && !$skip;
      close $in;
      my $failed = $?;
      $pid = 0;
      chomp(my $since = \`date +%s.%N\`);
      $second = 0;
      tell_left();
      select(undef, undef, undef, 0.2);
      if ($failed && running()) {
        $told = $last;
        for (1 .. 5) { put("\\x1e\\n"); select(undef, undef, undef, 2) }
      } else {
        $told = "\\n";
        put("\\x1eended\\n");
        until (running()) { put("\\x1e\\n"); select(undef, undef, undef, 2) }
        put("\\x1estarted\\n");
      }
      follow('--since', $since);
    }
  } else { tell_left() }
  if (time - $beat >= 10) { put("\\x1e\\n"); $beat = time }
}
`

// Without perl everything comes, and the end of the container is the end of the log.
const script = `
command -v perl >/dev/null 2>&1 && exec perl -e "$1" "$2" "$3"
exec docker logs --tail "$2" -f -- "$3" 2>&1
`

/** Follows the log of a container, beginning with its last `lines`. */
export function logSamplerCommand(container: string, lines: number): string[] {
  return ['sh', '-c', script, 'spark-control-follow', program, String(lines), container]
}
