# tier: all
#
# A sample of the mutation check over the bandit family: every changed constant
# is noticed by a test. BTWIN_MUTATION_SEED draws another sample,
# BTWIN_MUTATION_COUNT a larger one; doc/mutation.md describes the whole check.
use strict;
use warnings;
use Test::More;

my $seed = $ENV{BTWIN_MUTATION_SEED} // 1;
my $count = $ENV{BTWIN_MUTATION_COUNT} // 20;
diag("seed $seed, $count mutants");

# the servers of the check are its own, whatever server the environment names
delete @ENV{ grep { /^PG/ && $_ ne 'PG_CONFIG' } keys %ENV };
open my $check, '-|', "test/mutation/run --file '(src/bandit|install/(15|25_epic5)_bandit)' --sample $count --seed $seed 2>&1" or die "test/mutation/run: $!\n";
my $tried = 0;
while (<$check>)
{
	chomp;
	if (/^(killed|same code|SURVIVED)\s+(\S+)/)
	{
		$tried++;
		ok($1 ne 'SURVIVED', "$2: $1");
	}
	else { diag($_); }
}
close $check;
is($? >> 8, 0, 'exit status');
is($tried, $count, 'every mutant of the sample was tried');
done_testing();
