"""Pages travel compressed: brotli where the browser takes it, else gzip (static files are WhiteNoise's)."""

import brotli
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

SMALLEST = 500


class BrotliMiddleware(GZipMiddleware):
    """Like Django's GZipMiddleware, with brotli first. Pages that carry a CSRF token get a masked one at
    every request, and forms are never reflected beside secrets, so BREACH has nothing to measure."""

    def process_response(self, request, response):
        accepted = request.headers.get("Accept-Encoding", "")
        if "br" not in accepted or response.streaming or len(response.content) < SMALLEST:
            return super().process_response(request, response)
        if response.has_header("Content-Encoding"):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        compressed = brotli.compress(response.content, quality=5)
        if len(compressed) < len(response.content):
            response.content = compressed
            response.headers["Content-Length"] = str(len(compressed))
            response.headers["Content-Encoding"] = "br"
            if etag := response.get("ETag"):
                response.headers["ETag"] = "W/" + etag.removeprefix("W/")
        return response
