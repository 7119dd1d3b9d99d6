// PostGraphile 5 over btwin_api: functions that read are fields of the query, those that
// write are mutations.
//   DATABASE_URL=postgresql://web@localhost/app npx postgraphile
import { makePgService } from 'postgraphile/adaptors/pg';
import { GraphQLError } from 'postgraphile/graphql';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

// PostGraphile shows nothing that belongs to an extension, without an option. So what it
// is told of the catalog leaves out that these functions do.
function showing(schema, service) {
	const createWithPgClient = (...settings) => {
		const withPgClient = service.adaptor.createWithPgClient(...settings);
		return Object.assign((pgSettings, work) => withPgClient(pgSettings, (client) => work(Object.assign(Object.create(client), {
			async query(options) {
				const result = await client.query(options);
				const text = result.rows[0]?.introspection;
				if (typeof text !== 'string') return result;
				const found = JSON.parse(text);
				const namespace = found.namespaces.find((n) => n.nspname === schema)?._id;
				const shown = new Set(found.procs.filter((p) => p.pronamespace === namespace).map((p) => p._id));
				found.depends = found.depends.filter((d) => !(d.deptype === 'e' && shown.has(d.objid)));
				return { ...result, rows: [{ introspection: JSON.stringify(found) }] };
			},
		}))), withPgClient);
	};
	return { ...service, adaptor: { ...service.adaptor, createWithPgClient } };
}

/** The claim that the functions read: what your authentication knows of the caller */
export const settingsOf = (learner) => ({ 'request.jwt.claims': learner ? JSON.stringify({ sub: learner }) : '' });

/** Refusals as doc/api.md lists them, in extensions; of other errors nothing is told */
function maskError(error) {
	const { code: sqlstate, message, detail, hint } = error.originalError ?? {};
	const status = /^PT([45]\d\d)$/.exec(sqlstate ?? '')?.[1];
	if (!error.originalError) return error;
	const { nodes, source, positions, path } = error;
	return status ? new GraphQLError(message, { nodes, source, positions, path, extensions: { status: Number(status), sqlstate, ...JSON.parse(detail), hint } })
		: new GraphQLError('An error of the server', { nodes, source, positions, path });
}

export default {
	extends: [PostGraphileAmberPreset],
	pgServices: [showing('btwin_api', makePgService({ connectionString: process.env.DATABASE_URL, schemas: ['btwin_api'], pubsub: false }))],
	grafserv: { maskError },
	grafast: {
		// behind a proxy that has looked at the token and names the learner
		context: (request) => ({ pgSettings: settingsOf(request.node?.req.headers['x-learner']) }),
	},
};
