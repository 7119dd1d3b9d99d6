// The functions of btwin_api as methods, typed by functions.ts.
//
//   const prisma = new PrismaClient({ adapter }).$extends(btwin);
//   await prisma.$btwin('u1').patterns({ min_confidence: 0.7 });
//
// Several in one transaction, beside what else the application does in it:
//
//   await prisma.$transaction(async (tx) => {
//     await actAs(tx, 'u1');
//     const { id } = await api(tx).choose_strategy({ context: 'SESSION' });
//   });
import { Prisma, type PrismaClient } from './generated/client.ts';
import { functions, type Functions } from './functions.ts';

export type Name = keyof Functions;
export type Api = { [N in Name]: (given?: Functions[N]['arguments']) => Promise<Functions[N]['answer']> };
type Raw = Pick<PrismaClient, '$queryRawUnsafe'>;

/** A refusal, as doc/api.md lists them: status is that of HTTP. */
export class BtwinError extends Error {
	constructor(message: string, readonly status: number, readonly sqlstate: string, readonly code: string, readonly argument: string | null, readonly hint: string | null, cause: unknown) {
		super(message, { cause });
		this.name = 'BtwinError';
	}
}

// Prisma wraps errors of the server: P2010, with the driver's error inside
function translated(error: unknown): unknown {
	if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return error;
	const inner = error.meta?.['driverAdapterError'] as { cause?: { code?: string; message?: string; detail?: string; hint?: string } } | undefined;
	const { code, message, detail, hint } = inner?.cause ?? {};
	const status = /^PT([45]\d\d)$/.exec(code ?? '')?.[1];
	if (code === undefined || status === undefined) return error;
	const why = JSON.parse(detail ?? '{}') as { code?: string; argument?: string };
	return new BtwinError(message ?? code, Number(status), code, why.code ?? '', why.argument ?? null, hint ?? null, error);
}

// Arguments that are not given keep their defaults. Names and types come from the catalog.
function statement(name: Name, given: object): [text: string, ...values: unknown[]] {
	const { list, arguments: types } = functions[name] as { list: boolean; arguments: Record<string, string> };
	const values: unknown[] = [];
	const parts = Object.entries(given).filter(([, value]) => value !== undefined).map(([argument, value]) => {
		const type = Object.hasOwn(types, argument) ? types[argument] : undefined;
		if (type === undefined) throw new TypeError(`${name} has no argument "${argument}"`);
		values.push(type === 'jsonb' && value !== null ? JSON.stringify(value) : value);
		return `${argument} => $${values.length}::${type}`;
	});
	const call = `btwin_api.${name}(${parts.join(', ')})`;
	return [list ? `SELECT * FROM ${call}` : `SELECT ${call} AS answer`, ...values];
}

type Rows = { answer?: unknown }[];
const claim = (tx: Raw, learner: string) => tx.$queryRawUnsafe<Rows>("SELECT set_config('app.current_user_id', $1, true)", learner);

function methods(run: (query: [string, ...unknown[]]) => Promise<Rows>): Api {
	return Object.fromEntries((Object.keys(functions) as Name[]).map((name) => [name, async (given: object = {}) => {
		try {
			const rows = await run(statement(name, given));
			return functions[name].list ? rows : rows[0]?.answer;
		} catch (error) {
			throw translated(error);
		}
	}])) as Api;
}

/** Whose rows the rest of a transaction reads and writes. */
export async function actAs(tx: Raw, learner: string): Promise<void> {
	await claim(tx, learner);
}

/** The functions within a transaction that has a caller, or for a role of services. */
export function api(tx: Raw): Api {
	return methods(([text, ...values]) => tx.$queryRawUnsafe<Rows>(text, ...values));
}

/** $btwin('u1'): as this learner, each call a transaction; $btwin(): as the role that is connected. */
export const btwin = Prisma.defineExtension({
	name: 'btwin',
	client: {
		$btwin(learner?: string): Api {
			const prisma = Prisma.getExtensionContext(this) as unknown as PrismaClient;
			if (learner === undefined) return api(prisma);
			return methods(async ([text, ...values]) => (await prisma.$transaction([claim(prisma, learner), prisma.$queryRawUnsafe<Rows>(text, ...values)]))[1]);
		},
	},
});
