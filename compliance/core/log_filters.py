"""What isn't worth a traceback in the log."""

from __future__ import annotations

import logging
from http import HTTPStatus


class RefusalFilter(logging.Filter):
    """Where a page is refused or not found, nothing is wrong with the program: one line says it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass; below 500, without its traceback."""
        error = HTTPStatus.INTERNAL_SERVER_ERROR
        if getattr(record, "status_code", error) < error:
            record.exc_info = None
        return True
