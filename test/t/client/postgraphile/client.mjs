// Calls btwin_api by GraphQL, over HTTP, through PostGraphile as examples/postgraphile sets
// it up; reads what to call from its input and prints what arrived, both as one JSON document.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { grafserv } from 'postgraphile/grafserv/node';
import { isObjectType } from 'postgraphile/graphql';

const task = JSON.parse(readFileSync(0, 'utf8'));
process.env.DATABASE_URL = task.url;
const { default: preset } = await import('./graphile.config.mjs');
const instance = postgraphile({ ...preset, grafserv: { ...preset.grafserv, graphiql: false, watch: false } });
const server = createServer();
await instance.createServ(grafserv).addTo(server);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/graphql`;

const ask = async (learner, query) => {
	const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...(learner ? { 'X-Learner': learner } : {}) }, body: JSON.stringify({ query }) });
	return response.json();
};
const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const call = (read) => {
	const given = Object.entries(read.arguments).map(([name, value]) => `${camel(name)}: ${JSON.stringify(value)}`).join(', ');
	return `{ answer: ${camel(read.name)}${given ? `(${given})` : ''} ${read.list ? `{ nodes { ${Object.keys(read.columns).map((name) => `${name}: ${camel(name)}`).join(' ')} } }` : ''} }`;
};

const { schema } = await instance.getSchemaResult();
const fields = schema.getQueryType().getFields();
const seen = { answers: {}, errors: {}, types: {}, refusals: [], summaries: {} };
for (const read of task.reads) {
	const { data, errors } = await ask('ann', call(read));
	seen.answers[read.name] = read.list ? data?.answer?.nodes : data?.answer;
	if (errors) seen.errors[read.name] = errors;
	const field = fields[camel(read.name)];
	seen.summaries[read.name] = field?.description?.split('\n')[0];
	seen.types[read.name] = Object.fromEntries((field?.args ?? []).map(({ name, type }) => [name, String(type)]));
}
const lists = new Map(task.reads.map((read) => [read.name, read]));
for (const refusal of task.refusals) {
	const { errors, data } = await ask(refusal.learner, call({ ...lists.get(refusal.name), arguments: refusal.arguments }));
	const { status, sqlstate, code, argument } = errors?.[0].extensions ?? {};
	seen.refusals.push(errors ? { status, sqlstate, code, argument: argument ?? '' } : data);
}
seen.writes = [];
for (const write of task.writes) {
	const field = camel(write.name);
	const given = Object.entries(write.arguments).map(([name, value]) => `${camel(name)}: ${JSON.stringify(value)}`).join(', ');
	const { data, errors } = await ask('ann', `mutation { ${field}(input: { ${given} }) { result } }`);
	const { status, sqlstate, code, argument } = errors?.[0].extensions ?? {};
	seen.writes.push(errors ? { status, sqlstate, code, argument: argument ?? '' } : data[field].result);
}
seen.several = (await ask('ann', `{ patterns(asOf: "${task.moment}", maxRows: 1) { nodes { id evidence } } goals(asOf: "${task.moment}") { nodes { id } } }`)).data;
seen.unreadable = (await ask('ann', '{ patterns(afterId: "nothing\\u0000") { nodes { id } } }')).errors.map((error) => error.message);
seen.tables = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && /user|learner$/i.test(type.name)).map((type) => type.name);
server.close();
server.closeAllConnections();
await instance.release();
console.log(JSON.stringify(seen));
process.exit();
