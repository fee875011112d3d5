"""One file and one .tcss a screen. Screens read store.queries and call store.actions."""
