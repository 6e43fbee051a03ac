"""Reading what the API is sent."""

import io
import json
import re

from rest_framework import parsers
from rest_framework.exceptions import ParseError

# Half a character, written as an escape: JSON may spell it, but no text can hold it.
HALVES = re.compile(rb"\\u[dD][89a-fA-F]")


class JSONParser(parsers.JSONParser):
    """JSON, where thousands of brackets in one another are an error of the sender and not of ours, and so are
    halves of characters, wherever they stand."""

    def parse(self, stream, media_type=None, parser_context=None):
        content = stream.read()
        try:
            data = super().parse(io.BytesIO(content), media_type, parser_context)
            if HALVES.search(content):
                json.dumps(data, ensure_ascii=False).encode()
        except (RecursionError, UnicodeEncodeError):
            raise ParseError from None
        return data
