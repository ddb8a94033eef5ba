import type { RunOptions, RunResult } from '../../cluster/remote-commands'
import { failed, StepError, SupersededError, type SwapHost } from './step'

// Seconds that a claim waits for commands of older swaps to end, and a command for a claim, which takes no time.
const claimS = 60
const runS = 10
// Exit codes of the guard; with its name before the words they are never a command's own.
const codes = { superseded: 90, lost: 91, busy: 92, broken: 93, garbled: 94 } as const
const name = 'spark-control-fence'

/**
 * `guard read`, `guard claim NUMBER JOB WAIT` or `guard run NUMBER JOB WAIT LIMIT COMMAND…`. A claim holds the lock alone, a
 * command together with others of its own swap for as long as it runs: once a claim has come through, nothing older is in
 * the midst. A command that takes over LIMIT seconds is ended here, so that a controller that is gone bars nobody.
 */
const guard = String.raw`
use strict;
use Errno;
use Fcntl qw(:flock);
use IO::Handle;
my ($name, $do, $number, $job, $wait, $limit, @command) = @ARGV;
my $folder = "$ENV{HOME}/.spark-control";
my $file = "$folder/fence";
sub refuse { my $code = shift; print STDERR "$name @_\n"; exit $code }
sub standing {
  open(my $in, "<", $file) or do { return (0, "") if $!{ENOENT}; refuse(93, "$file: $!") };
  my $line = <$in>;
  $line = "" unless defined $line;
  return ($1, $2) if $line =~ /^(\d+) (\S+)\n\z/;
  refuse(94, $file);
}
my ($stands, $holder) = standing();
if ($do eq "read") { print "$stands\n"; exit 0 }
# What it holds already it need not wait for: its own commands may be in the midst.
exit 0 if $do eq "claim" && $stands == $number && $holder eq $job;
mkdir $folder;
open(my $lock, ">>", "$folder/fence.lock") or refuse(93, "$folder/fence.lock: $!");
for (my $tries = 0; !flock($lock, ($do eq "claim" ? LOCK_EX : LOCK_SH) | LOCK_NB); $tries++) {
  refuse(93, "$folder/fence.lock: $!") unless $!{EWOULDBLOCK} || $!{EINTR};
  refuse(92, standing()) if $tries >= $wait * 20;
  select(undef, undef, undef, 0.05);
}
($stands, $holder) = standing();
refuse(90, $stands, $holder) if $stands > $number || $stands == $number && $holder ne $job;
if ($do eq "claim") {
  my $new;
  open($new, ">", "$file.new") && print($new "$number $job\n") && $new->flush && $new->sync && close($new)
    && rename("$file.new", $file) or refuse(93, "$file.new: $!");
  # The name must outlast a power cut too; not every file system syncs a folder.
  open(my $names, "<", $folder);
  $names->sync;
  exit 0;
}
refuse(91, $stands, $holder) if $stands < $number;
my ($child, $late) = (0, 0);
$SIG{CHLD} = "DEFAULT";
$SIG{$_} = sub { kill "TERM", -$child if $child } for qw(TERM HUP INT);
$SIG{ALRM} = sub { kill $late++ ? "KILL" : "TERM", -$child; alarm 5 };
defined($child = fork) or refuse(93, "fork: $!");
if ($child == 0) {
  setpgrp;
  exec { $command[0] } @command;
  print STDERR "$command[0]: $!\n";
  exit 127;
}
setpgrp $child, $child;
alarm $limit;
1 until waitpid($child, 0) == $child;
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
`

/** A command of an older fence is still running on a host. */
export class FenceBusyError extends StepError {
  override name = 'FenceBusyError'
  constructor(
    host: string,
    /** The job whose fence stands there; '' where none does. */
    readonly holder: string,
  ) {
    super({
      code: 'fence_busy',
      message: `${host}: a command of ${holder === '' ? 'another swap' : holder} is still running there`,
      remedy: 'swap again when it has ended',
    })
  }
}

/** The number of the fence that stands on a host; 0 where nothing has swapped yet. @throws {StepError} where it can't be told */
export async function fenceOn(live: SwapHost, { signal }: { signal?: AbortSignal } = {}): Promise<number> {
  const answer = await live.run(['perl', '-e', guard, name, 'read'], { signal })
  refusalOf(live, answer)
  const number = /^(\d+)\n$/.exec(answer.stdout)?.[1]
  if (number === undefined) throw broken(live, answer)
  return Number(number)
}

/**
 * Puts up a fence on a host, below which nothing is done there any more; the same claim again is no harm.
 * @throws {SupersededError} where a higher one stands, or this one by another swap
 */
export async function claimFence(
  live: SwapHost,
  number: number,
  job: string,
  { signal, waitS = claimS }: { signal?: AbortSignal; waitS?: number } = {},
): Promise<void> {
  const words = ['claim', String(number), job, String(waitS)]
  const answer = await live.run(['perl', '-e', guard, name, ...words], { timeoutMs: (waitS + 15) * 1000, signal })
  refusalOf(live, answer)
  if (answer.code !== 0) throw broken(live, answer)
}

/**
 * Runs a command while that fence stands, and keeps a higher one from being claimed meanwhile.
 * @throws {SupersededError} where a higher one stands by now; then nothing was run
 */
export async function fenced(
  live: SwapHost,
  number: number,
  job: string,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { timeoutMs = 15_000 } = options
  const words = ['run', String(number), job, String(runS), String(Math.ceil(timeoutMs / 1000))]
  // The guard's own limit comes first, so that its words do too; TERM and KILL lie 5 s apart.
  const limit = { ...options, timeoutMs: timeoutMs + (runS + 8) * 1000 }
  const answer = await live.run(['perl', '-e', guard, name, ...words, ...argv], limit)
  refusalOf(live, answer)
  return answer
}

/** The end of a swap that is no longer the newest on a host. */
export function superseded(host: string, number: number, job?: string): SupersededError {
  const whose = job === undefined ? `fence ${number}` : `fence ${number} by ${job}`
  return new SupersededError({
    code: 'superseded',
    message: `${host}: another controller has swapped here since (${whose})`,
    remedy: 'let one controller alone swap there; look at what runs, then swap again',
  })
}

/** Throws what the guard refused; what a command itself ended with is none. */
function refusalOf(live: SwapHost, answer: RunResult): void {
  if (!answer.stderr.startsWith(`${name} `)) return
  const id = live.host.id
  const said = answer.stderr.slice(name.length + 1).trim()
  const [number = '', job = ''] = said.split(' ')
  if (answer.code === codes.superseded) {
    throw superseded(id, Number(number), job)
  }
  if (answer.code === codes.lost) {
    throw failed(
      'fence_lost',
      `${id}: the fence of this swap no longer stands there`,
      'somebody removed ~/.spark-control/fence there or put an old one back; look at what runs, then swap again',
    )
  }
  if (answer.code === codes.busy) throw new FenceBusyError(id, job)
  if (answer.code === codes.garbled) {
    throw failed(
      'fence_failed',
      `${id}: ${said} holds no fence`,
      'where nobody else swaps there remove that file, then swap again',
    )
  }
  if (answer.code === codes.broken) throw broken(live, answer)
}

function broken(live: SwapHost, { code, stderr }: RunResult): StepError {
  const id = live.host.id
  if (code === 127) return failed('fence_failed', `${id}: there is no perl`, 'install perl-base there')
  const said = stderr.trim().replace(`${name} `, '').split('\n').at(-1)?.slice(0, 200)
  return failed('fence_failed', `${id}: its fence cannot be kept: ${said}`, 'check disk and rights of its home')
}
