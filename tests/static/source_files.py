"""The project's own files (源文件), as the static checks read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "handlers", "models", "scheduler", "services", "rules", "reports", "web", "locales")
LEFT_BEHIND = {".git", ".venv", ".tools", ".hypothesis", "__pycache__"}


def packages(root: Path) -> list[str]:
    """The packages of the house that hold a module: those that are only planned are left out."""
    return [name for name in PACKAGES if any((root / name).glob("**/*.py"))]


def python_files(root: Path) -> Iterator[Path]:
    """The modules of the program itself, without tests."""
    for name in PACKAGES:
        yield from sorted((root / name).glob("**/*.py"))


def page_files(root: Path) -> Iterator[Path]:
    """What the browser is sent: pages, scripts, styles."""
    for name in PACKAGES:
        yield from sorted(
            path for path in (root / name).glob("**/*") if path.suffix in {".html", ".js", ".css", ".jinja"}
        )


def all_files(root: Path) -> Iterator[Path]:
    """Every file that a checkout holds, without what tools and runs leave behind."""
    for path in sorted(root.iterdir()):
        if path.name in LEFT_BEHIND or path.name.endswith("_cache") or path == ROOT / "data":
            continue
        yield from all_files(path) if path.is_dir() else [path]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def place(path: Path, node: ast.AST, root: Path) -> str:
    """File and line, for a message that one can click on."""
    return f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"


def docstrings(module: ast.Module) -> set[ast.Constant]:
    """The strings that only explain: a statement of their own, under a module, a class, a function or a name."""
    return {
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def literals(module: ast.Module) -> Iterator[ast.Constant]:
    """Every string that the program works with."""
    explaining = docstrings(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in explaining:
            yield node


def expect_nothing(found: list[str]) -> None:
    """Fail with one finding a line."""
    assert not found, "\n" + "\n".join(found)
