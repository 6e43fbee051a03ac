"""A small SMS gateway on this machine that takes messages over HTTP and fails as real ones fail."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Gateway:
    """Answers with the next code of `answers` (200 when there is none left) and keeps what came."""

    def __init__(self):
        self.answers: list[int] = []
        self.taken: list[dict] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                code = gateway.take({**body, "key": self.headers["Idempotency-Key"]})
                if code is None:
                    self.close_connection = True
                    return
                self.send_response(code)
                self.end_headers()

            def log_message(self, *_args):
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, message: dict) -> int | None:
        """Decides on one message: the code of the answer, or None to hang up without one."""
        code = self.answers.pop(0) if self.answers else 200
        if code < 300:
            self.taken.append(message)
        return code

    def close(self):
        self.server.shutdown()
        self.server.server_close()
