"""How far a long command has come."""

import sys


class Progress:
    """A bar on a terminal, else a line of plain text every tenth. `what` ends the sentence: "of the log is read"."""

    WIDTH = 40

    def __init__(self, stream, what: str):
        self.stream, self.what, self.said = stream, what, -1
        self.is_terminal = sys.stderr.isatty()

    def __call__(self, share: float) -> None:
        step = int(share * (self.WIDTH if self.is_terminal else 10))
        if step == self.said:
            return
        self.said = step
        if self.is_terminal:
            ending = "\n" if step == self.WIDTH else ""
            self.stream.write(f"\r{'█' * step}{'·' * (self.WIDTH - step)} {share:4.0%}", ending=ending)
            self.stream.flush()
        else:
            self.stream.write(f"{share:.0%} of {self.what}")
