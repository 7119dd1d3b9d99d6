// Calls every read of btwin_api through node-postgres as a learner, and prints as
// one JSON document what arrived. Arguments: folder of the driver, host, port,
// database, moment.
'use strict';
const [driver, host, port, database, moment] = process.argv.slice(2);
const { Client } = require(driver);

// what the driver makes of each type of the server; NULL of any
const expected = {
	text: (v) => typeof v === 'string', int4: (v) => Number.isInteger(v), float8: (v) => Number.isFinite(v), bool: (v) => typeof v === 'boolean',
	timestamptz: (v) => v instanceof Date && !isNaN(v), date: (v) => v instanceof Date && !isNaN(v), jsonb: (v) => typeof v === 'object',
	_text: (v) => Array.isArray(v) && v.every((e) => typeof e === 'string'), _float8: (v) => Array.isArray(v) && v.every(Number.isFinite),
	_int4: (v) => Array.isArray(v) && v.every(Number.isInteger),
};

async function asLearner(client, learner, work, keep = false) {
	await client.query(keep ? 'BEGIN' : 'BEGIN READ ONLY');
	let done = false;
	try {
		await client.query("SELECT set_config('request.jwt.claims', $1, true)", [learner === null ? '' : JSON.stringify({ sub: learner })]);
		const answer = await work();
		done = keep;
		return answer;
	} finally {
		await client.query(done ? 'COMMIT' : 'ROLLBACK');
	}
}

async function refusal(client, learner, statement, values, keep = false) {
	try {
		await asLearner(client, learner, () => client.query(statement, values), keep);
	} catch (error) {
		return { code: error.code, detail: error.detail === undefined ? null : JSON.parse(error.detail) };
	}
	return null;
}

async function main() {
	const client = new Client({ host, port: Number(port), database, user: 'web' });
	await client.connect();
	const types = new Map((await client.query('SELECT oid, typname FROM pg_catalog.pg_type')).rows.map((r) => [Number(r.oid), r.typname]));
	const reads = (await client.query(`SELECT proname AS name FROM pg_catalog.pg_proc
		WHERE pronamespace = 'btwin_api'::regnamespace AND provolatile = 's' AND proargnames[1] = 'user_id'
		AND proname NOT IN ('explain_struggle', 'explain_pattern') ORDER BY 1`)).rows;
	const seen = { reads: {} };
	for (const { name } of reads) {
		const statement = { name, text: `SELECT * FROM btwin_api.${name}(as_of => $1)`, values: [moment] };
		const wrong = new Set();
		for (let call = 0; call < 20; call++) {
			const result = await asLearner(client, 'ann', () => client.query(statement));
			for (const field of result.fields) {
				const fits = expected[types.get(field.dataTypeID)];
				for (const row of result.rows) {
					if (row[field.name] !== null && !(fits && fits(row[field.name]))) {
						wrong.add(`${field.name} ${types.get(field.dataTypeID)} ${JSON.stringify(row[field.name])}`);
					}
				}
			}
		}
		const plans = await client.query('SELECT generic_plans::int AS n FROM pg_catalog.pg_prepared_statements WHERE name = $1', [name]);
		seen.reads[name] = { wrong: [...wrong], generic_plans: plans.rows[0].n };
	}
	seen.pattern = (await asLearner(client, 'ann', () => client.query('SELECT id, confidence, evidence, last_seen_at FROM btwin_api.patterns(as_of => $1)', [moment]))).rows[0];
	seen.foreign = await refusal(client, 'ann', 'SELECT * FROM btwin_api.patterns(user_id => $1)', ['bob']);
	seen.anonymous = await refusal(client, null, 'SELECT * FROM btwin_api.patterns()', []);
	seen.left_over = (await client.query("SELECT current_setting('request.jwt.claims', true) AS claims")).rows[0].claims;
	// a write with a key: by two connections at the same time, once more, with other arguments
	const create = 'SELECT btwin_api.create_goal(goal_type => $1, title => $2, target_metric => $3, target_value => $4, start_value => $5, idempotency_key => $6) AS answer';
	const goal = ['CUSTOM', 'Pages', 'pages', 20, 5, 'first'];
	const other = new Client({ host, port: Number(port), database, user: 'web' });
	await other.connect();
	const write = (through) => asLearner(through, 'ann', async () => (await through.query(create, goal)).rows[0].answer, true);
	seen.written = await Promise.all([write(client), write(other)]);
	seen.written.push(await write(client));
	seen.reused = await refusal(client, 'ann', create, goal.map((value) => (value === 20 ? 21 : value)), true);
	seen.read_only = await refusal(client, 'ann', create, goal);
	await other.end();
	await client.end();
	console.log(JSON.stringify(seen));
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
