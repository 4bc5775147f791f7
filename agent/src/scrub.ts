/** Leaves of each URL only scheme and host: keys stand in user names, paths and queries. */
export function scrub(text: string): string {
	return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@"']*@)?([^\s/?#"']+)[^\s"']*/gi, '$1$2');
}
