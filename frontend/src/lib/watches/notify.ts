/** The browser's own notifications, for when the page is not in sight. Nobody is asked for them but by a click. */

/** Whether they can be asked for, are on, or cannot be had here. */
export function notificationState(): 'ask' | 'on' | 'off' {
	if (typeof Notification === 'undefined' || Notification.permission === 'denied') return 'off';
	return Notification.permission === 'granted' ? 'on' : 'ask';
}

/** Asks for the permission. Only to be called by a click. */
export async function askForNotifications(): Promise<'ask' | 'on' | 'off'> {
	if (notificationState() === 'ask') await Notification.requestPermission();
	return notificationState();
}

/** Shows one if it may and the page is not in sight: there a toast has said it. */
export function notify(title: string, body: string): void {
	if (notificationState() !== 'on' || document.visibilityState === 'visible') return;
	try {
		new Notification(title, { body, icon: '/favicon.svg' });
	} catch {
		// Some phones have the name but only let service workers use it.
	}
}
