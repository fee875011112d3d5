"""The yardstick: a Textual app that shows one line and repaints it on a key."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class EmptyApp(App[None]):
    """Hello, and a count of keys."""

    presses = 0

    def compose(self) -> ComposeResult:
        yield Static("Hello", id="hello")

    def on_key(self) -> None:
        self.presses += 1
        self.query_one(Static).update(f"Hello {self.presses}", layout=False)


if __name__ == "__main__":
    EmptyApp().run()
