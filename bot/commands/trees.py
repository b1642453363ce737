"""`xunlin trees` (古树名木)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import opening, typed
from bot.commands.printing import tell, write
from bot.settings import Settings, read_settings
from locales import say
from models.engine import transaction
from services.refused import Refused

if TYPE_CHECKING:
    from services.old_tree_import import TreeChanges

app = typer.Typer(name="trees", no_args_is_help=True, help="Old trees: the archive and how they are watched.")
_SHOWN = 10


@app.command("import")
def import_(
    file: Path,
    complete: Annotated[bool, typer.Option(help="The file is the whole list: close the trees that it lacks.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Print what would be done and do nothing.")] = False,
) -> None:
    """Import old trees from CSV or GeoJSON in WGS-84; the same file again changes nothing."""
    from bot.loading import load_old_trees

    settings = read_settings()
    engine = opening.current(settings)
    changes = load_old_trees(engine, file, typed.today(settings), complete=complete, dry_run=dry_run)
    for one in changes.left_out:
        kind = say(settings.language, f"old_tree.finding.{one.kind}")
        tell(settings, "cli.tree_finding", row=one.row, kind=kind, value=one.value)
    _tell(settings, changes, complete, dry_run)


@app.command("export")
def export(
    format: Annotated[str, typer.Option(help="csv or geojson.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="File to write to.")] = None,
) -> None:
    """The archive with the day on which each tree was last seen; `import` takes it again."""
    from reports.old_tree_list import tree_csv, tree_geojson
    from services import audit
    from services.old_tree_figures import whole_list

    makers = {"csv": tree_csv, "geojson": tree_geojson}
    if format not in makers:
        raise Refused("cli.bad_value", name="--format", help="xunlin trees export --help")
    settings = read_settings()
    with transaction(opening.current(settings)) as session:
        made = makers[format](whole_list(session), settings.language)
        audit.by_operator(session, "trees.exported", "trees", datetime.now(UTC))
    write(made, out)


@app.command("rule")
def rule(
    near: Annotated[float, typer.Option(help="Metres within which a tree is near a position.")],
    unseen: Annotated[int, typer.Option(help="Days after which a tree counts as not seen.")],
    most: Annotated[int, typer.Option(help="How many of the nearest trees are offered at once.")] = 12,
    valid_from: Annotated[str | None, typer.Option(help="First day [today].")] = None,
    source: Annotated[str, typer.Option(help="The rule or regulation that it follows.")] = "",
) -> None:
    """Say what is near and when a tree counts as not seen, from a day on; earlier days keep theirs."""
    from services import audit, old_tree_rule

    settings = read_settings()
    since = typed.day(valid_from) or typed.today(settings)
    with transaction(opening.current(settings)) as session:
        old_tree_rule.add(session, old_tree_rule.Rule(since, near, most, unseen, source))
        audit.by_operator(session, "tree_rule.added", f"tree_rule:{since}", datetime.now(UTC))
    tell(settings, "cli.trees_rule", day=since, near=f"{near:g}", most=most, unseen=unseen)


def _tell(settings: Settings, changes: "TreeChanges", complete: bool, dry_run: bool) -> None:
    if complete and changes.left_out and changes.missing:
        tell(settings, "cli.trees_not_closed", rows=len(changes.left_out), n=len(changes.missing))
    elif changes.missing and not complete:
        codes = " ".join(changes.missing[:_SHOWN]) + (" …" if len(changes.missing) > _SHOWN else "")
        tell(settings, "cli.trees_missing", n=len(changes.missing), codes=codes)
    tell(
        settings, "cli.trees_dry" if dry_run else "cli.trees", added=len(changes.added), changed=len(changes.changed),
        closed=len(changes.closed), reopened=len(changes.reopened), unchanged=changes.unchanged,
        left_out=len(changes.left_out),
    )  # fmt: skip
