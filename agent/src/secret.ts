/** A key. It prints as nothing: not in logs, not in JSON, not in an error. */
export class Secret<Value extends string = string> {
	readonly #value: Value;

	constructor(value: Value) {
		this.#value = value;
	}

	/** The key itself, for the one place that uses it. */
	reveal(): Value {
		return this.#value;
	}

	toJSON(): string {
		return '[secret]';
	}

	toString(): string {
		return '[secret]';
	}
}
