// Prints what a learner would see: node built/example.js LEARNER [MOMENT]
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';
import { BtwinError, btwin } from './btwin.ts';
import type { Score } from './functions.ts';

const [learner = '', moment] = process.argv.slice(2);
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL']! }) }).$extends(btwin);
const as_of = moment ?? null;
try {
	const twin = prisma.$btwin(learner);
	const { risk, risk_level } = await twin.burnout_risk({ as_of });
	const { value, low, high, reason } = risk as Score;
	console.log(value === null ? `burnout: ${reason}` : `burnout: ${risk_level}, ${value.toFixed(1)} (${low?.toFixed(1)} to ${high?.toFixed(1)})`);
	for (const pattern of await twin.patterns({ min_confidence: 0.7, as_of })) console.log(`${pattern.pattern_name}: ${pattern.confidence}, last seen ${pattern.last_seen_at?.toISOString()}`);
} catch (error) {
	if (!(error instanceof BtwinError)) throw error;
	console.log(`${error.status} ${error.code}: ${error.message}. ${error.hint}`);
	process.exitCode = 1;
} finally {
	await prisma.$disconnect();
}
