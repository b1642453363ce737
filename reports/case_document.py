"""The record of a case in Word (移送案卷 .docx): facts, history, the list of electronic data by art. 14, the audit."""

import io
import zipfile
from datetime import datetime
from zoneinfo import ZoneInfo

from locales import catalogue, say
from reports.figures import Figures
from reports.official import Official

_WIDE, _WIDE_STEPS = (12, 16, 22, 32, 34, 40), (12, 32, 26, 40, 46)
"""Millimetres of the columns."""


def case_document(record: Figures, digest: str, language: str) -> bytes:
    """The document; the same record gives the same bytes."""
    page, zone = Official(language), ZoneInfo(record["referral"]["timezone"])
    referral, problem = record["referral"], record["problem"]
    page.title(say(language, "referral.document.title"))
    page.text(say(language, "referral.document.head", number=referral["number"], problem=problem["number"]))
    page.heading(say(language, "referral.document.facts"))
    for line in _facts(record, zone, language):
        page.text(line)
    page.heading(say(language, "referral.document.history"))
    page.table(say(language, "referral.document.steps"), _steps(record, zone, language), _WIDE_STEPS, words=True)
    page.heading(say(language, "referral.document.evidence"))
    page.text(say(language, "referral.document.evidence_text"))
    page.table(say(language, "referral.document.items"), _items(record, zone, language), _WIDE, words=True)
    for line in _hashes(record, language):
        page.text(line, ragged=True)
    page.heading(say(language, "referral.document.audit"))
    head = record["audit"]["head"]
    page.text(say(language, "referral.document.audit_text", rows=len(record["audit"]["rows"]), seq=head["seq"]))
    page.text(f"{head['seq']}:{head['hash']}", ragged=True)
    page.heading(say(language, "referral.document.check"))
    page.text(say(language, "referral.document.check_text"))
    page.text(digest, ragged=True)
    for line in ("from", "to", "on"):
        page.text(say(language, f"referral.document.signed_{line}"))
    return stable(page.bytes())


def stable(document: bytes) -> bytes:
    """The same zip with nothing in it that tells when it was made."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as given, zipfile.ZipFile(stream, "w") as made:
        for name in given.namelist():
            made.writestr(entry(name), given.read(name))
    return stream.getvalue()


def entry(name: str) -> zipfile.ZipInfo:
    """A file of a zip as it is whenever and wherever it is made: not pressed, because each zlib presses otherwise."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system, info.external_attr, info.compress_type = 3, 0o644 << 16, zipfile.ZIP_STORED
    return info


def word(language: str, key: str, otherwise: str) -> str:
    """A word of the catalogue, where it has one."""
    return say(language, key) if key in catalogue(language) else otherwise


def _facts(record: Figures, zone: ZoneInfo, language: str) -> list[str]:
    problem, referral = record["problem"], record["referral"]
    finder = problem["finder"]
    place = " · ".join(part for part in (problem["street"], problem["area"], problem["grid"]) if part)
    position = f"{problem['lon']}, {problem['lat']} (WGS-84)" if problem["lon"] is not None else "–"
    fields = {
        "type": word(language, f"problem.type.{problem['type_code']}", problem["type"]),
        "severity": word(language, f"problem.severity.{problem['severity']}", problem["severity"]),
        "state": word(language, f"problem.state.{problem['state']}", problem["state"]),
        "finder": f"{finder['name']} {finder['title'] or ''}".strip(), "found": _moment(problem["found_at"], zone),
        "place": place or "–", "position": position, "note": problem["note"] or "–", "why": referral["why"],
        "by": referral["by"], "handed": _moment(referral["at"], zone), "patrol": (record["patrol"] or {}).get("number"),
    }  # fmt: skip
    shown = [name for name, value in fields.items() if value is not None]
    return [say(language, f"referral.document.fact_{name}", value=fields[name]) for name in shown]


def _steps(record: Figures, zone: ZoneInfo, language: str) -> list[list[str]]:
    rows = [[say(language, f"referral.column.{name}") for name in ("n", "when", "who", "what", "why")]]
    for step in record["steps"]:
        did = word(language, f"problem.did.{step['action']}", step["action"])
        after = word(language, f"problem.state.{step['after']}", step["after"])
        why = " ".join(part for part in (step["unit"], step["order_number"], step["why"]) if part)
        what = say(language, "referral.document.step", did=did, after=after)
        rows.append([str(step["serial"]), _moment(step["taken_at"], zone), step["by"] or "–", what, why or "–"])
    return rows


def _items(record: Figures, zone: ZoneInfo, language: str) -> list[list[str]]:
    rows = [[say(language, f"referral.column.{name}") for name in ("n", "kind", "who", "when", "where", "how")]]
    for item in record["items"]:
        kind = word(language, f"referral.kind.{item['kind']}", item["kind"])
        rows.append(
            [str(item["n"]), kind, item["who"], _moment(item["sent_at"], zone), _where(item), _how(item, language)]
        )
    return rows


def _where(item: Figures) -> str:
    if item.get("lon") is None:
        return "–"
    return item.get("raw_position") or f"{item['lon']}, {item['lat']}"


def _how(item: Figures, language: str) -> str:
    if item["kind"] == "photo":
        taken = item.get("taken_on")
        how = say(
            language, "referral.how.original" if item["original"] else "referral.how.again", channel=item["channel"]
        )
        return say(language, "referral.how.taken", how=how, taken=taken) if taken else how
    if item["kind"] == "location":
        return say(language, "referral.how.position", datum=item["datum"] or "wgs84", source=item["source"] or "–")
    return str(item.get("text") or item.get("channel") or "–")


def _hashes(record: Figures, language: str) -> list[str]:
    photos = [item for item in record["items"] if item.get("sha256")]
    return [say(language, "referral.document.hash", n=item["n"], sha256=item["sha256"]) for item in photos]


def _moment(text: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
