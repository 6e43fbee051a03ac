"""Room for the frames of Python's calls.

CPython keeps them in chunks of 16 KB, and gives a chunk back to the kernel the moment nothing is left in it. Where the
loops of a template happen to run just at the end of a chunk, every call in them fetches a chunk and gives it back: a
board cost 2,500 page faults so, an eighth of its processor time, and would cost more at an unluckier depth.
"""

# So many words make a frame of half a megabyte: it gets a chunk of one megabyte, of which pages are taken when used.
WORDS = 70_000


def with_room(call):
    """The same function with a large frame: everything it calls has room in one chunk with it."""

    def called(*arguments):
        return call(*arguments)

    called.__code__ = called.__code__.replace(co_stacksize=WORDS)
    return called
