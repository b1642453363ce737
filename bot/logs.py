"""Logs (日志): one line an event on stderr, without secrets whoever writes it."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

HIDDEN = "***"
_QUIET = ("telegram", "httpx", "httpcore", "aiohttp", "uvicorn.access", "apscheduler")


class Redact(logging.Filter):
    """Hides secrets in every record, its arguments and its traceback."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self.secrets = tuple(secret for secret in secrets if secret)

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite what holds a secret; every record goes on."""
        said = record.getMessage()
        if record.exc_info:
            said = f"{said}\n{logging.Formatter().formatException(record.exc_info)}"
        record.msg, record.args, record.exc_info, record.exc_text = self.hide(said), None, None, None
        return True

    def hide(self, text: str) -> str:
        """A text with its secrets hidden."""
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return text


def set_up_logs(level: str, secrets: Iterable[str]) -> None:
    """Log to stderr from `level` on; libraries that log addresses only when something is wrong."""
    redact = Redact(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(redact)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level, structlog.processors.TimeStamper("iso", utc=True),
            structlog.processors.format_exc_info, _redacted(redact), structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )  # fmt: skip


def _redacted(redact: Redact) -> structlog.typing.Processor:
    def hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {name: redact.hide(value) if isinstance(value, str) else value for name, value in event.items()}

    return hide
