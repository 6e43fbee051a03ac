"""A small object store that speaks as much of S3 over HTTP as keeping files needs: PUT, GET, HEAD, DELETE."""

import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOT_FOUND = b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>There is no such key.</Message></Error>'
FORBIDDEN = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access denied.</Message></Error>'


class Store(BaseHTTPRequestHandler):
    """Keeps objects in the server's memory. Refuses what is not signed, as a private bucket does."""

    def _answer(self, status: int, content: bytes = b"", **headers) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_PUT(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256"):
            return self._answer(403, FORBIDDEN)
        assert self.headers["x-amz-content-sha256"] in (hashlib.sha256(content).hexdigest(), "UNSIGNED-PAYLOAD")
        self.server.objects[self.path] = content
        return self._answer(200, ETag=f'"{hashlib.md5(content).hexdigest()}"')

    def do_GET(self):
        if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256"):
            return self._answer(403, FORBIDDEN)
        content = self.server.objects.get(self.path)
        if content is None:
            return self._answer(404, NOT_FOUND)
        return self._answer(200, content, ETag=f'"{hashlib.md5(content).hexdigest()}"',
                            Last_Modified="Wed, 25 Nov 2026 00:00:00 GMT")  # fmt: skip

    def do_HEAD(self):
        self.do_GET()

    def do_DELETE(self):
        self.server.objects.pop(self.path, None)
        return self._answer(204)

    def log_message(self, *_details):
        """Says nothing."""


@contextmanager
def object_store():
    """A running store: `objects` maps paths to contents, `endpoint` is its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    server.objects, server.endpoint = {}, f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
