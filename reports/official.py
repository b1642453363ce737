"""An official document (公文) by the habits of GB/T 9704-2012: fonts, sizes, lines, numbering, page numbers."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locales import say, words
from reports.official_style import LATIN, no_indent, set_east_asian, set_up
from rules.number import in_characters

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table as WordTable
    from docx.text.paragraph import Paragraph

TEXT_WIDE_MM = 156
TABLE_PT = 10.5
_ROOMY = 5
"""So many columns leave room for every word at its size."""
_TOGETHER = 3
"""So many rows stay with the head, and with the last row: no page begins or ends with a single one."""
"""Points of 五号."""
PLACE = "{{report}}"
"""Where a template wants the report; without it the report follows what the template holds."""


@dataclass
class Official:
    """A document in the making; headings and items number themselves: 一、（一）1."""

    language: str
    template: Path | None = None
    document: "Document" = field(init=False)
    _kept: list[Any] = field(init=False)
    _numbers: list[int] = field(default_factory=lambda: [0, 0, 0])

    def __post_init__(self) -> None:
        import docx

        self.document = docx.Document(str(self.template) if self.template else None)
        self._kept = list(self.document.element.body)
        if self.template is None:
            self._kept = []
            set_up(self.document, self.language)
        self._has = {style.name for style in self.document.styles}

    def title(self, text: str) -> None:
        """The title in the middle."""
        self._paragraph(text, "Title")

    def heading(self, text: str, depth: int = 1) -> None:
        """A heading of depth 1 or 2 with its number."""
        self._numbers = [*self._numbers[: depth - 1], self._numbers[depth - 1] + 1, *[0] * (3 - depth)]
        n, characters = self._numbers[depth - 1], say(self.language, "report.numerals")
        number = in_characters(n, characters) if characters else str(n)
        self._paragraph(say(self.language, f"report.numbered.h{depth}", number=number, text=text), f"Heading {depth}")

    def text(self, text: str, ragged: bool = False) -> None:
        """A paragraph; `ragged` where it holds words that no line end can part."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        paragraph = self._paragraph(text, "Normal")
        if ragged:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT

    def item(self, text: str) -> None:
        """A numbered paragraph under a heading of the second depth."""
        self._numbers[2] += 1
        self.text(say(self.language, "report.numbered.h3", number=self._numbers[2], text=text))

    def table(
        self, caption: str, rows: Sequence[Sequence[str]], wide_mm: Sequence[float] = (), words: bool = False
    ) -> None:
        """A table under its caption; the first row is the head and comes again on every page.

        Cells stand on the right, as numbers do; with `words` on the left.
        """
        self._paragraph(caption, "Caption").paragraph_format.keep_with_next = True
        table = self.document.add_table(len(rows), len(rows[0]))
        if "Table Grid" in self._has:
            table.style = self.document.styles["Table Grid"]
        _fill(table, rows, wide_mm or _even(len(rows[0])), self.language, words)
        self._paragraph("", "Normal").paragraph_format.line_spacing = 1.0

    def picture(self, png: bytes, alt: str, high_mm: float) -> None:
        """A picture in the middle, with words for those who do not see it."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm

        paragraph = self._paragraph("", "Normal")
        # An exact line height would cut the picture to one line.
        paragraph.paragraph_format.line_spacing = 1.0
        paragraph.paragraph_format.first_line_indent = 0
        no_indent(paragraph)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        shape = paragraph.add_run().add_picture(io.BytesIO(png), height=Mm(high_mm))
        shape._inline.docPr.set("descr", alt)

    def new_page(self) -> None:
        """What follows begins on a page of its own."""
        from docx.enum.text import WD_BREAK

        self.document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)

    def bytes(self) -> bytes:
        """The document as a .docx file, without the date at which it was made."""
        self._into_place()
        stream = io.BytesIO()
        self.document.save(stream)
        return stream.getvalue()

    def _paragraph(self, text: str, style: str) -> "Paragraph":
        return self.document.add_paragraph(text, style if style in self._has else None)

    def _into_place(self) -> None:
        marks = [p for p in self.document.paragraphs if p.text.strip() == PLACE]
        if marks:
            mark = marks[0]._element
            for element in [e for e in self.document.element.body if e not in self._kept]:
                mark.addprevious(element)
            mark.getparent().remove(mark)


def _even(columns: int) -> list[float]:
    first = max(TEXT_WIDE_MM / columns, 34 if columns <= _ROOMY else 30)
    return [first, *[(TEXT_WIDE_MM - first) / (columns - 1)] * (columns - 1)]


def _fill(
    table: "WordTable", rows: Sequence[Sequence[str]], wide_mm: Sequence[float], language: str, are_words: bool
) -> None:
    from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.shared import Mm

    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, millimetres in zip(table.columns, wide_mm, strict=True):
        column.width = Mm(millimetres)
    for place, (row, cells) in enumerate(zip(table.rows, rows, strict=True)):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if place == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for n, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width, cell.vertical_alignment = Mm(wide_mm[n]), WD_ALIGN_VERTICAL.CENTER
            _write(cell.paragraphs[0], text, place == 0, are_words or n == 0, language, len(cells) > _ROOMY)
            ends = place < _TOGETHER or len(rows) - 1 - _TOGETHER <= place < len(rows) - 1
            cell.paragraphs[0].paragraph_format.keep_with_next = ends and place < len(rows) - 1


def _write(paragraph: "Paragraph", text: str, head: bool, first: bool, language: str, narrow: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    run = paragraph.add_run(text)
    # A long English word must fit into a narrow column.
    run.font.size, run.font.name = Pt(TABLE_PT - 2.5 if head and narrow else TABLE_PT), LATIN
    font = words(language, "report.font.heading" if head else "report.font.body")[0]
    set_east_asian(run, font)
    no_indent(paragraph)
    paragraph.paragraph_format.line_spacing = 1.15
    number = not (head or first)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if number else WD_ALIGN_PARAGRAPH.CENTER
    if first and not head:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
