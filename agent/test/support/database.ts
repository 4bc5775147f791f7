import { Client } from 'pg';

/** An empty database beside the network's own, for one test file. Gives its address. */
export async function freshDatabase(address: string, name: string): Promise<string> {
	const client = new Client(address);
	await client.connect();
	await client.query(`CREATE DATABASE ${name}`);
	await client.end();
	const url = new URL(address);
	url.pathname = `/${name}`;
	return url.href;
}
