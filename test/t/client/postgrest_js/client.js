// Calls btwin_api through @supabase/postgrest-js; reads what to call from its input and
// prints what arrived, both as one JSON document.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const { PostgrestClient } = require('@supabase/postgrest-js');
const { start } = require('./shim.js');

const secret = 'a secret of the test, longer than 32 characters';
function token(role, learner) {
	const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
	const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(learner === null ? { role } : { role, sub: learner })}`;
	return `${head}.${crypto.createHmac('sha256', secret).update(head).digest('base64url')}`;
}

async function main() {
	const task = JSON.parse(fs.readFileSync(0, 'utf8'));
	const server = await start({ connection: task.connection, schema: 'btwin_api', anonymous: 'anonymous', secret });
	const client = (role, learner) => new PostgrestClient(server.url, { schema: 'btwin_api', headers: { Authorization: `Bearer ${token(role, learner)}` } });
	const refusal = ({ error, status }) => error && { status, sqlstate: error.code, argument: '', ...JSON.parse(error.details) };
	const ann = client('web', 'ann');
	const seen = { get: {}, post: {}, errors: {} };
	for (const read of task.reads) {
		for (const [method, options] of [['get', { get: true }], ['post', {}]]) {
			const { data, error } = await ann.rpc(read.name, read.arguments, options);
			seen[method][read.name] = data;
			if (error) seen.errors[`${method} ${read.name}`] = error;
		}
	}
	const at = { as_of: task.moment };
	seen.shaped = (await ann.rpc('patterns', at, { get: true }).select('id,sure:confidence').gt('confidence', 0.7).order('confidence', { ascending: true }).limit(1)).data;
	seen.posted = (await ann.rpc('patterns', { ...at, min_confidence: 0 }).select('id').in('pattern_type', ['OPTIMAL_STUDY_TIME', 'PERFORMANCE_PEAK']).order('id', { ascending: false }).range(1, 1)).data;
	seen.single = (await ann.rpc('patterns', at).select('id').eq('id', 'p2').single()).data;
	seen.none = (await ann.rpc('patterns', at).select('id').eq('id', 'pb').maybeSingle()).data;
	seen.two = (({ status, error }) => ({ status, code: error.code }))(await ann.rpc('patterns', at).single());
	seen.writes = [];
	for (const write of task.writes) {
		const done = await ann.rpc(write.name, write.arguments);
		seen.writes.push(refusal(done) ?? done.data);
	}
	seen.written_by_get = (({ error, status }) => ({ status, code: error.code }))(await ann.rpc('acknowledge_insight', { insight_id: 'i1' }, { get: true }));
	seen.refusals = [];
	for (const call of task.refusals) seen.refusals.push(refusal(await client(call.role, call.learner).rpc(call.name, call.arguments)));
	const told = ({ error, status }) => ({ status, code: error.code });
	seen.anonymous = told(await new PostgrestClient(server.url, { schema: 'btwin_api' }).rpc('burnout_risk', {}));
	seen.forged = told(await new PostgrestClient(server.url, { schema: 'btwin_api', headers: { Authorization: `Bearer ${token('web', 'ann').slice(0, -4)}AAAA` } }).rpc('burnout_risk', {}));
	seen.unreadable = told(await ann.rpc('patterns', { max_rows: 'many' }));
	seen.unknown = told(await ann.rpc('patterns', { nothing: 1 }));
	seen.schema = told(await new PostgrestClient(server.url, { schema: 'btwin', headers: { Authorization: `Bearer ${token('web', 'ann')}` } }).rpc('refresh_now', {}));
	await server.stop();
	console.log(JSON.stringify(seen));
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
