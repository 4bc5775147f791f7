/** The connect window: any page may open it (`connecting.open = true`) where an action needs an account. */
export const connecting = new (class {
	open = $state(false);
})();
