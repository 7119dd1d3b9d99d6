// A stand-in for PostgREST where there is none: an HTTP server that sends, for GET, HEAD
// and POST on /rpc/<function>, the statements that PostgREST 13 sends, in a transaction
// of the same mode with role and claims as settings, and answers with the same status and
// body. What it does not know (tables, embedding, counts, JSON paths) it refuses with 501.
'use strict';
const crypto = require('crypto');
const http = require('http');
const pg = require('pg');

const name = (text) => `"${text.replace(/"/g, '""')}"`;
const plain = /^[A-Za-z_][A-Za-z0-9_]*$/;

class Refusal extends Error {
	constructor(status, code, message, details = null, hint = null) {
		super(message);
		Object.assign(this, { status, body: { code, details, hint, message } });
	}
}

// SQLSTATE as HTTP status
function statusOf(state, anonymous) {
	const exact = { 21000: 500, 22023: 400, 23503: 409, 23505: 409, 25006: 405, 53400: 500, '57P01': 503, 42883: 404, '42P01': 404, '42P17': 500, 42501: anonymous ? 401 : 403, P0001: 400 };
	const classes = { '08': 503, '09': 500, '0L': 403, '0P': 403, 23: 400, 25: 500, 28: 403, '2D': 500, 38: 500, 39: 500, '3B': 500, 40: 500, 53: 503, 54: 500, 55: 500, 57: 500, 58: 500, F0: 500, HV: 500, P0: 500, XX: 500 };
	const own = /^PT([1-5]\d\d)$/.exec(state);
	return own ? Number(own[1]) : exact[state] ?? classes[state.slice(0, 2)] ?? 400;
}

// Functions of the exposed schema by name: arguments with types, volatility, shape
async function schemaCache(pool, schema) {
	const { rows } = await pool.query(`SELECT p.proname AS name, p.provolatile AS volatility, p.proretset AND (t.typtype = 'c' OR coalesce(p.proargmodes::text[] && '{t,b,o}', false)) AS list,
			ARRAY(SELECT jsonb_build_array(p.proargnames[a.place], format_type(a.type, NULL)) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, place) ORDER BY a.place) AS arguments,
			p.pronargs - p.pronargdefaults AS required
		FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_type t ON t.oid = p.prorettype WHERE p.pronamespace = $1::regnamespace AND p.prokind = 'f'`, [schema]);
	return new Map(rows.map((row) => [row.name, { ...row, arguments: new Map(row.arguments) }]));
}

function claimsOf(header, secret) {
	if (header === undefined) return null;
	const [head, body, signature] = header.replace(/^Bearer /i, '').split('.');
	const wanted = crypto.createHmac('sha256', secret).update(`${head}.${body}`).digest();
	const given = Buffer.from(signature ?? '', 'base64url');
	if (given.length !== wanted.length || !crypto.timingSafeEqual(given, wanted)) throw new Refusal(401, 'PGRST301', 'No suitable key or wrong key type');
	return JSON.parse(Buffer.from(body, 'base64url'));
}

// select, filters, order, limit around the function's rows
function outer(fn, parameters, values) {
	const own = name(fn.name);
	const column = (text) => {
		if (!plain.test(text)) throw new Refusal(501, 'SHIM0', `not known here: ${text}`);
		return `${own}.${name(text)}`;
	};
	const value = (text) => `$${values.push(text)}`;
	const operators = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };
	let columns = `${own}.*`;
	let order = '';
	let limit = '';
	const filters = [];
	for (const [key, text] of parameters) {
		if (key === 'select') {
			if (text !== '*') columns = text.split(',').map((part) => {
				const [, alias, from] = /^(?:([^:]+):)?(.+)$/.exec(part);
				return column(from) + (alias === undefined ? '' : ` AS ${name(alias)}`);
			}).join(', ');
		} else if (key === 'order') {
			order = ` ORDER BY ${text.split(',').map((part) => {
				const [from, ...rest] = part.split('.');
				return column(from) + rest.map((word) => ({ asc: ' ASC', desc: ' DESC', nullsfirst: ' NULLS FIRST', nullslast: ' NULLS LAST' })[word]).join('');
			}).join(', ')} `;
		} else if (key === 'limit' || key === 'offset') {
			if (limit) continue;
			limit = ` LIMIT ${value(parameters.get('limit') ?? null)} OFFSET ${value(parameters.get('offset') ?? '0')}`;
		} else {
			const [, operator, operand] = /^([a-z]+)\.(.*)$/s.exec(text) ?? [];
			if (operator === 'in') filters.push(`${column(key)} = ANY (${value(`{${operand.replace(/^\(|\)$/g, '')}}`)})`);
			else if (operator === 'is' && operand === 'null') filters.push(`${column(key)} IS NULL`);
			else if (operators[operator]) filters.push(`${column(key)} ${operators[operator]} ${value(operand)}`);
			else throw new Refusal(400, 'PGRST100', `"failed to parse filter (${text})"`);
		}
	}
	return `SELECT ${columns} FROM "pgrst_source" AS ${own} ${filters.length ? ` WHERE ${filters.join(' AND ')}` : ''} ${order}${limit}`;
}

function statement(schema, fn, parameters, payload) {
	const call = `${name(schema)}.${name(fn.name)}`;
	const values = [];
	const rest = new URLSearchParams();
	let source;
	const types = [];
	if (payload === null) {
		const given = [];
		for (const [key, text] of parameters) {
			if (fn.arguments.has(key)) given.push(`${name(key)} := $${values.push(text)}::${fn.arguments.get(key)}`);
			else rest.append(key, text);
		}
		source = fn.list ? `SELECT "pgrst_call".* FROM ${call}(${given.join(', ')}) pgrst_call` : `SELECT pgrst_call.pgrst_scalar FROM (SELECT ${call}(${given.join(', ')}) pgrst_scalar) pgrst_call`;
	} else {
		const keys = Object.keys(payload);
		for (const [key, text] of parameters) rest.append(key, text);
		if (keys.length) {
			values.push(JSON.stringify(payload));
			types.push(114);	// json
			const body = `(SELECT $1 AS json_data) pgrst_payload, LATERAL (SELECT ${keys.map(name).join(', ')} FROM json_to_record(pgrst_payload.json_data) AS _(${keys.map((key) => `${name(key)} ${fn.arguments.get(key)}`).join(', ')}) LIMIT 1) pgrst_body `;
			const given = keys.map((key) => `${name(key)} := pgrst_body.${name(key)}`).join(', ');
			source = fn.list ? `SELECT "pgrst_call".* FROM ${body}, LATERAL ${call}(${given}) pgrst_call` : `SELECT pgrst_call.pgrst_scalar FROM ${body}, LATERAL (SELECT ${call}(${given}) pgrst_scalar) pgrst_call`;
		} else {
			source = fn.list ? `SELECT "pgrst_call".* FROM ${call}() pgrst_call` : `SELECT pgrst_call.pgrst_scalar FROM (SELECT ${call}() pgrst_scalar) pgrst_call`;
		}
	}
	const wrap = (total, body, from) => `WITH pgrst_source AS (${source}) SELECT null::bigint AS total_result_set, ${total} AS page_total, ${body} AS body, nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status, '' AS response_inserted FROM (${from}) _postgrest_t`;
	const text = fn.list ? wrap('pg_catalog.count(_postgrest_t)', "coalesce(json_agg(_postgrest_t), '[]')", outer(fn, rest, values))
		: wrap('1', "coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, 'null')", `SELECT ${name(fn.name)}.* FROM "pgrst_source" AS ${name(fn.name)} `);
	return { text, values, types };
}

async function answer(state, request, body) {
	const url = new URL(request.url, 'http://localhost');
	const claims = claimsOf(request.headers.authorization, state.secret);
	const reading = request.method === 'GET' || request.method === 'HEAD';
	const profile = request.headers[reading ? 'accept-profile' : 'content-profile'];
	if (profile !== undefined && profile !== state.schema) throw new Refusal(406, 'PGRST106', `Invalid schema: ${profile}`);
	const found = /^\/rpc\/([^/]+)$/.exec(url.pathname);
	if (!found || !(reading || request.method === 'POST')) throw new Refusal(501, 'SHIM0', `not known here: ${request.method} ${url.pathname}`);
	const fn = state.functions.get(decodeURIComponent(found[1]));
	const payload = reading ? null : JSON.parse(body || '{}');
	const given = reading ? [] : Object.keys(payload);
	if (!fn || given.some((key) => !fn.arguments.has(key)) || fn.required > 0) {
		throw new Refusal(404, 'PGRST202', `Could not find the function ${state.schema}.${found[1]}${given.length ? `(${given.sort().join(', ')})` : ' without parameters'} in the schema cache`);
	}
	const role = claims?.role ?? state.anonymous;
	const client = await state.pool.connect();
	let kept = false;
	try {
		await client.query(`START TRANSACTION ISOLATION LEVEL READ COMMITTED ${reading || fn.volatility !== 'v' ? 'READ ONLY' : 'READ WRITE'}`);
		await client.query(`select set_config('search_path', $1, true), set_config('role', $2, true), set_config('request.jwt.claims', $3, true), set_config('request.method', $4, true), set_config('request.path', $5, true), set_config('request.headers', $6, true), set_config('request.cookies', $7, true)`,
			[`${name(state.schema)}, "public"`, role, JSON.stringify(claims ?? { role }), request.method, url.pathname, JSON.stringify(request.headers), '{}']);
		const { text, values, types } = statement(state.schema, fn, url.searchParams, payload);
		// the driver hands "types" to the server, as types of parameters, and takes its parsers from it
		const { rows: [row] } = await client.query({ text, values, types: Object.assign(types, { getTypeParser: () => (value) => value }) });
		await client.query('COMMIT');
		kept = true;
		if (/vnd\.pgrst\.object/.test(request.headers.accept ?? '')) {
			if (row.page_total !== '1') throw new Refusal(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', `The result contains ${row.page_total} rows`);
			return fn.list ? JSON.stringify(JSON.parse(row.body)[0]) : row.body;
		}
		return row.body;
	} catch (error) {
		if (error instanceof Refusal || !error.code) throw error;
		throw new Refusal(statusOf(error.code, role === state.anonymous), error.code, error.message, error.detail ?? null, error.hint ?? null);
	} finally {
		if (!kept) await client.query('ROLLBACK');
		client.release();
	}
}

// options: connection (of node-postgres, as a role that may become the others), schema,
// anonymous (role without a token), secret (of the tokens). The server listens on a free
// port of 127.0.0.1: server.url.
exports.start = async function start({ connection, schema, anonymous, secret }) {
	const pool = new pg.Pool({ ...connection, max: 2 });
	const state = { pool, schema, anonymous, secret, functions: await schemaCache(pool, schema) };
	const server = http.createServer((request, response) => {
		const parts = [];
		request.on('data', (part) => parts.push(part));
		request.on('end', async () => {
			const send = (status, body) => response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(request.method === 'HEAD' ? undefined : body);
			try {
				send(200, await answer(state, request, Buffer.concat(parts).toString()));
			} catch (error) {
				if (error instanceof Refusal) send(error.status, JSON.stringify(error.body));
				else send(500, JSON.stringify({ code: 'SHIM1', details: error.stack, hint: null, message: String(error) }));
			}
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { url: `http://127.0.0.1:${server.address().port}`, reload: async () => { state.functions = await schemaCache(pool, schema); }, stop: async () => { server.close(); server.closeAllConnections(); await pool.end(); } };
};
