"""Telegram (电报): python-telegram-bot as transport; nothing is acknowledged before it is in the inbox."""

import os

# Spans of time come as such: the library's next version knows no other way, and warns until it is asked for.
os.environ.setdefault("PTB_TIMEDELTA", "true")
