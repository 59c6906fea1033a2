import { WALK_SCRIPT } from './walk-script.ts'

/**
 * Reads files, and changes nothing. What stands in a folder of another user is read with that user's rights where a link
 * of his leads to it.
 *
 * Standard input: a path in hexadecimal, line by line. Standard output, a line for each: `= UID GID MODE CONTENT`, the
 * content in base64; `0` where there is none; `/` where it is a folder; `! WHY`, in hexadecimal, where it cannot be read.
 */
export const READ_SCRIPT = String.raw`
${WALK_SCRIPT}
binmode STDOUT;
sub base64 {
  my $text = pack "u", $_[0];
  $text =~ s/^.//mg; $text =~ s/\n//g;
  $text =~ tr{\x60 -_}{AA-Za-z0-9+/};
  my $over = (3 - length($_[0]) % 3) % 3;
  $text =~ s/.{$over}$/"=" x $over/e if $over;
  $text;
}
sub answer {
  my ($path) = @_;
  my ($name, @at) = enter($path, undef, 1);
  return "/" if !defined $name || -d _;
  -f _ or fail($path, "it is neither a file nor a folder");
  my $file = open_file($path, $name, @at);
  my @now = stat $file;
  my ($text, $got) = ("");
  while ($got = sysread $file, my $part, 1 << 18) { $text .= $part }
  defined $got or fail($path, because());
  join " ", "=", @now[4, 5], sprintf("%04o", $now[2] & 07777), base64($text);
}
while (defined(my $line = <STDIN>)) {
  chomp $line;
  my $said = eval { answer(pack "H*", $line) };
  unless (defined $said) {
    my $why = ref $@ ? $@->[1] : $@;
    $said = $why =~ /^(No such file or directory|Not a directory)/ ? "0" : "! " . unpack "H*", $why;
  }
  print "$said\n";
}
`
