"""A small SMS gateway on this machine that takes messages over HTTP and fails as real ones fail."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Takes the message and then says nothing: the line breaks between accept and answer.
DIES = "dies"


class Gateway:
    """Answers with the next of `answers` (200 when there is none left) and keeps what came.

    An answer is a code, a number of seconds as a float to wait before 200, or DIES.
    """

    def __init__(self):
        self.answers: list = []
        self.taken: list[dict] = []
        self.begun = threading.Event()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = gateway.take({**body, "key": self.headers["Idempotency-Key"]})
                gateway.begun.set()
                if answer in (DIES, None):
                    self.close_connection = True
                    return
                if isinstance(answer, float):
                    time.sleep(answer)
                    answer = 200
                try:
                    self.send_response(answer)
                    self.end_headers()
                except OSError:
                    return

            def log_message(self, *_args):
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, message: dict) -> int | float | str | None:
        """Decides on one message: the code of the answer, seconds to wait before a good one, or to hang up."""
        answer = self.answers.pop(0) if self.answers else 200
        if answer == DIES or isinstance(answer, float) or answer < 300:
            self.taken.append(message)
        return answer

    def keys(self) -> list[str]:
        """The keys of what it took, in order."""
        return [message["key"] for message in self.taken]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
