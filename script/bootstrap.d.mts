/** The top of the repository. */
export const root: string;
/** A sentence for the person at the terminal. */
export class SetupError extends Error {}
export function checkNode(version: string): void;
export function checkDisk(freeBytes: number): void;
/** Whether node_modules is what package-lock.json says. */
export function isInstalled(top: string): boolean;
export function nodeProgram(top?: string): string;
/** Why an installation failed, in one sentence. */
export function explainInstall(log: string, file: string): string;
export function bootstrap(program: string): Promise<void>;
