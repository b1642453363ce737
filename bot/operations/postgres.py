"""PostgreSQL's own programs (pg_dump, psql): found, checked for their version, run without showing a password."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine, make_url, text

from services.refused import Refused

ASIDE = "xunlin_before_"
"""Begins the names of schemas that a restore kept; no backup holds them."""


def tool(name: str, server: int) -> str:
    """The path of a program that is at least as new as the server; raises `Refused`."""
    path = shutil.which(name)
    if path is None:
        raise Refused("operations.tool_missing", tool=name, needed=server)
    found = tool_version(path)
    if found < server:
        raise Refused("operations.tool_older", tool=name, found=found, needed=server)
    return path


def tool_version(path: str) -> int:
    """The major version that a program says of itself."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"(\d+)(\.\d+)*", said)
    return int(number[1]) if number else 0


def server_version(engine: Engine) -> int:
    """The major version of the server."""
    with engine.connect() as connection:
        return int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000


def dump(url: str, server: int, snapshot: str, target: Path) -> None:
    """Dump the database as a snapshot sees it, in PostgreSQL's custom format."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", "--lock-wait-timeout=60s"]
    command = [tool("pg_dump", server), *options, f"--exclude-schema={ASIDE}*", f"--file={target}", _address(url)]
    done = subprocess.run(command, env=_environment(url), capture_output=True, text=True, check=False)
    if done.returncode:
        raise failure("pg_dump", done.stderr)


def check_dump(server: int, file: Path) -> None:
    """Read a dump from end to end without a database; raises `Refused`."""
    command = [tool("pg_restore", server), "--file=/dev/null", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise failure("pg_restore", done.stderr)


def load(url: str, server: int, file: Path, before: Iterable[str], after: Iterable[str]) -> None:
    """Run statements, a dump and statements as one transaction; nothing of it stays where any of it fails."""
    read = [tool("pg_restore", server), "--no-owner", "--no-privileges", "--file=-", str(file)]
    run = [tool("psql", server), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", _address(url)]
    with tempfile.TemporaryFile("w+") as said:
        reader = subprocess.Popen(read, stdout=subprocess.PIPE, stderr=said)
        writer = subprocess.Popen(
            run, env=_environment(url), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        )
        fed = _feed(reader, writer, server, before, after)
        writer.wait()
        if not fed or writer.returncode:
            said.seek(0)
            raise failure("psql", said.read())


def failure(name: str, said: str) -> Refused:
    """What a program complained of, in its last line that names an error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.search("error|fatal|ERROR", line)]
    full = any(reason in said for reason in ("No space left on device", "Disk quota exceeded", "File too large"))
    key = "operations.disk_full" if full else "operations.tool_failed"
    return Refused(key, tool=name, error=(errors or lines or ["?"])[0], folder="")


def _feed(
    reader: "subprocess.Popen[bytes]", writer: "subprocess.Popen[bytes]", server: int,
    before: Iterable[str], after: Iterable[str],
) -> bool:  # fmt: skip
    assert reader.stdout is not None
    assert writer.stdin is not None
    try:
        with reader, writer.stdin as pipe:
            pipe.write("".join(f"{statement};\n" for statement in ("BEGIN", *before)).encode())
            for number, line in enumerate(reader.stdout):
                # A setting that newer programs write and older servers do not know stands in the head of the script.
                if number > 60 or server >= 17 or not line.startswith(b"SET transaction_timeout"):
                    pipe.write(line)
            if reader.wait():
                writer.kill()  # without COMMIT nothing has happened
                return False
            pipe.write("".join(f"{statement};\n" for statement in (*after, "COMMIT")).encode())
    except BrokenPipeError:
        return False
    return True


def _address(url: str) -> str:
    parsed = make_url(url)
    query = {key: value for key, value in parsed.query.items() if key != "password"}
    return parsed._replace(drivername="postgresql", password=None, query=query).render_as_string()  # type: ignore[arg-type]


def _environment(url: str) -> dict[str, str]:
    # A password in the command would be shown to everyone who lists the processes.
    parsed = make_url(url)
    password = parsed.password or parsed.query.get("password")
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
