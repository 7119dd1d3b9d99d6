// Calls btwin_api through the wrappers of examples/prisma; reads what to call from its
// input and prints what arrived, both as one JSON document. A Date is shown as
// "Date <moment>".
import { readFileSync } from 'node:fs';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';
import { BtwinError, actAs, api, btwin, type Name } from './btwin.ts';

const task = JSON.parse(readFileSync(0, 'utf8'));
const connect = (user: string) => new PrismaClient({ adapter: new PrismaPg({ ...task.connection, user, max: 1 }) }).$extends(btwin);
const clients = { web: connect('web'), service: connect('service') };
const ann = clients.web.$btwin('ann');

const refusal = async (work: Promise<unknown>) => {
	try {
		await work;
		return null;
	} catch (error) {
		if (!(error instanceof BtwinError)) throw error;
		return { status: error.status, sqlstate: error.sqlstate, code: error.code, argument: error.argument ?? '' };
	}
};

const answers: Record<string, unknown> = {};
for (const read of task.reads) answers[read.name] = await ann[read.name as Name](read.arguments);
const refusals: unknown[] = [];
let answer: unknown;
for (const call of task.refusals) refusals.push(await refusal(clients[call.role as 'web'].$btwin(call.learner ?? undefined)[call.name as Name](call.arguments)));
const writes: unknown[] = [];
for (const write of task.writes) writes.push(await refusal(ann[write.name as 'create_goal'](write.arguments).then((document) => { answer = document; })) ?? answer);

// types hold at compile time: each of these must be an error
const wrong = [
	// @ts-expect-error no such argument
	() => ann.patterns({ minimum: 0.5 }),
	// @ts-expect-error a number, not a text
	() => ann.patterns({ max_rows: '5' }),
	// @ts-expect-error a column that is not there
	async () => (await ann.patterns())[0]?.colour,
];
const [first] = await ann.patterns({ min_confidence: 0.8, max_rows: 1, as_of: new Date(task.moment) });
const sure: number | null | undefined = first?.confidence;
const seen: Date | null | undefined = first?.last_seen_at;

const together = await clients.web.$transaction(async (tx) => {
	await actAs(tx, 'ann');
	const goals = await api(tx).goals({ as_of: task.moment });
	return { goals: goals.map((goal) => goal.id), learners: (await tx.user.findMany()).map((user) => user.id) };
});
const unknownArgument = await (wrong[0]!() as Promise<unknown>).catch((error: Error) => `${error.name}: ${error.message}`);
const service = (await clients.service.$btwin().patterns({ user_id: 'bob' })).map((pattern) => pattern.id);
const unclaimed = await clients.web.$queryRawUnsafe("SELECT current_setting('app.current_user_id', true) AS claim");

const dates = (value: unknown): unknown => value instanceof Date ? `Date ${value.toISOString()}`
	: Array.isArray(value) ? value.map(dates)
	: value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, dates(inner)])) : value;
console.log(JSON.stringify(dates({ answers, refusals, writes, sure, seen, together, unknownArgument, service, unclaimed })));
for (const client of Object.values(clients)) await client.$disconnect();
