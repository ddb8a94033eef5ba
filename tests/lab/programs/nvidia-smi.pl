#!/usr/bin/perl
# Answers as the driver of a GB10 does, which has no figure for dedicated memory. One process, also with -l.
use strict;
use warnings;
$| = 1;
my %figure = (
  'name' => 'NVIDIA GB10', 'driver_version' => '580.95.05', 'utilization.gpu' => 12, 'temperature.gpu' => 47,
  'power.draw' => '21.35', 'clocks.current.sm' => 2418, 'clocks.sm' => 2418, 'index' => 0, 'pstate' => 'P0',
  'clocks_throttle_reasons.active' => '0x0000000000000000',
);
my ($fields, $apps, $every) = ('', 0, 0);
for my $at (0 .. $#ARGV) {
  my ($word, $value) = ($ARGV[$at], $ARGV[$at + 1] // '');
  if ($word =~ /^(-l|-lms|--loop|--loop-ms|--query-gpu|--query-compute-apps|--query-accounted-apps)=(.*)$/) { ($word, $value) = ($1, $2) }
  $fields = $value if $word eq '--query-gpu';
  $apps = 1 if $word =~ /apps$/;
  $every = $value if $word eq '-l' || $word eq '--loop';
  $every = $value / 1000 if $word eq '-lms' || $word eq '--loop-ms';
}
my $header = grep { /noheader/ } @ARGV;
do {
  if ($fields) {
    print "$fields\n" unless $header;
    print join(', ', map { $figure{$_} // '[N/A]' } split /,/, $fields), "\n";
  } elsif ($apps) {
    print "pid, process_name, used_gpu_memory [MiB]\n" unless $header;
  } else {
    print "NVIDIA-SMI 580.95.05  Driver Version: 580.95.05  CUDA Version: 13.0\n";
  }
  select undef, undef, undef, $every if $every;
} while ($every);
