"""The door (端口): the address of our pages, taken before anything else is done."""

import errno
import socket

from bot.settings import Settings
from services.refused import Refused


def open_door(settings: Settings) -> socket.socket:
    """A socket bound to the address of the settings; raises `Refused` where another program holds it."""
    host, port = settings.http_host, settings.http_port
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    # A port that was ours a moment ago is free again at once.
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        if error.errno == errno.EADDRINUSE:
            raise Refused("cli.port_taken", port=port) from None
        raise Refused("cli.cannot_listen", host=host, port=port, why=error.strerror) from None
    return door
