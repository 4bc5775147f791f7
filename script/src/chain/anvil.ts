import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Chain, createPublicClient, http, type PublicClient } from 'viem';
import { isDiskFull, reasonOf, StartError } from '../errors.ts';
import { writeAtomically } from '../files.ts';
import { foundryProgram, root } from '../paths.ts';
import type { Port } from '../ports.ts';
import { Service, type Surroundings, until } from '../service.ts';
import type { Running } from '../shutdown.ts';
import { dumpState, Keeper } from './keeper.ts';
import { keepFirstGenesis } from './state.ts';

/** A local chain whose state survives stops, and kills except for its last moment. */
export interface LocalChain {
	rpc: string;
	client: PublicClient;
}

interface Wish {
	/** Name of its log and state file. */
	name: string;
	title: string;
	chain: Chain;
	port: Port;
	/** Lets dependants recover after the chain crashed and was restarted: it may have lost its last blocks. */
	afterRestart?: () => Promise<void> | void;
}

function stateFile(data: string, name: string): string {
	return join(data, 'chains', `${name}.json`);
}

/**
 * Saves the state of a chain that a killed start left running, whose state was not saved since. If the chain no longer responds, the state on disk is the
 * one at the time of the kill.
 *
 * @throws StartError when the state cannot be written: the blocks since the kill would be lost with the process
 */
export async function rescueState(data: string, name: string, rpc: string): Promise<void> {
	const client = createPublicClient({ transport: http(rpc, { retryCount: 0, timeout: 30_000 }) });
	const state = await dumpState(client).catch(() => undefined);
	if (state === undefined) return;
	const file = stateFile(data, name);
	try {
		await writeAtomically(file, state);
	} catch (error) {
		const reason = isDiskFull(error) ? 'the disk is full' : reasonOf(error);
		throw new StartError(
			`The last start was killed and left the chain ${name} running, but its state cannot be written to ${file}: ${reason}. Fix this and start again. The chain process keeps running until then, so that no block is lost.`,
		);
	}
}

/**
 * Starts a local chain with its last saved state.
 *
 * @param onRunning receives the handle to stop it, before it starts
 */
export async function startChain(
	wish: Wish,
	surroundings: Surroundings,
	onRunning: (running: Running) => void,
): Promise<LocalChain> {
	const rpc = `http://127.0.0.1:${wish.port.number}`;
	const state = stateFile(surroundings.data, wish.name);
	const client = createPublicClient({ chain: wish.chain, transport: http(rpc, { retryCount: 0, timeout: 30_000 }) });
	const keeper = new Keeper(client, state, { title: wish.title });
	const service = new Service(
		{
			program: async () => {
				await wish.port.free();
				keeper.pause();
				const hasState = existsSync(state);
				if (hasState) await keepFirstGenesis(state);
				return {
					title: wish.title,
					name: wish.name,
					command: foundryProgram('anvil'),
					args: [
						...['--host', '127.0.0.1', '--port', String(wish.port.number)],
						...['--chain-id', String(wish.chain.id), '--hardfork', 'cancun', '--accounts', '10'],
						'--no-request-size-limit',
						...(hasState ? ['--load-state', state] : []),
					],
					cwd: root,
					signal: 'SIGTERM' as const,
					rpc,
				};
			},
			ready: (signal) => until(() => client.getChainId(), signal, 20),
			onUp: () => keeper.start(),
			...(wish.afterRestart === undefined ? {} : { afterRestart: wish.afterRestart }),
		},
		surroundings,
	);
	onRunning({
		title: wish.title,
		async stop() {
			try {
				// A chain that has exited has nothing more to save.
				if (service.pid !== undefined) await keeper.stop();
			} finally {
				keeper.pause();
				await service.stop();
			}
		},
		kill: () => service.kill(),
	});
	await service.start();
	return { rpc, client };
}
