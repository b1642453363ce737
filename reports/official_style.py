"""The look of an official document (公文格式), by GB/T 9704-2012: page, fonts, lines, page numbers."""

from typing import TYPE_CHECKING, Any

from locales import words

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

MARGINS_MM = {"top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26}
"""GB/T 9704-2012, 5.2: 37 mm above, 28 mm left, 156 mm × 225 mm for the text."""
A4_MM = (210, 297)
SIZE_2, SIZE_3, SIZE_4 = 22.0, 16.0, 14.0
"""Points of 二号, 三号, 四号."""
LINE_PT = 28.0
LATIN = "Times New Roman"
_STYLES = {
    "Normal": ("body", SIZE_3), "Title": ("title", SIZE_2), "Heading 1": ("heading", SIZE_3),
    "Heading 2": ("subheading", SIZE_3), "Caption": ("heading", 12.0),
}  # fmt: skip


def set_up(document: "Document", language: str) -> None:
    """Make an empty document of the writer's own into an official one."""
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(A4_MM[0]), Mm(A4_MM[1])
    for name, millimetres in MARGINS_MM.items():
        setattr(section, name, Mm(millimetres))
    section.footer_distance = Mm(35 - 7 - SIZE_4 * 0.353)  # 7 mm below the text: GB/T 9704-2012, 7.5
    for name, (font, size) in _STYLES.items():
        _style(document.styles[name], words(language, f"report.font.{font}")[0], size)
    _shape(document)
    _without_theme(document)
    _name_fonts(document, language)
    _number_pages(document, language)
    _say_nothing_of_us(document, language)


def _style(style: Any, font: str, size: float) -> None:
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size, style.font.color.rgb = LATIN, Pt(size), RGBColor(0, 0, 0)
    style.font.bold = style.font.italic = False
    set_east_asian(style, font)
    style.paragraph_format.line_spacing = Pt(LINE_PT)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)


def _shape(document: "Document") -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    styles = document.styles
    for name in ("Normal", "Heading 1", "Heading 2"):
        _indent(styles[name], 2)
    for name in ("Title", "Caption"):
        _indent(styles[name], 0)
        styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    styles["Normal"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    styles["Title"].paragraph_format.line_spacing = Pt(36)
    styles["Title"].paragraph_format.space_after = Pt(LINE_PT)
    borders = styles["Title"].element.pPr.find(f"{{{styles.element.nsmap['w']}}}pBdr")
    if borders is not None:
        borders.getparent().remove(borders)


def _indent(style: Any, characters: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.paragraph_format.first_line_indent = Pt(SIZE_3 * characters)
    style.element.pPr.find(qn("w:ind")).set(qn("w:firstLineChars"), str(100 * characters))


def no_indent(paragraph: "Paragraph") -> None:
    """A paragraph that begins at its left edge."""
    from docx.oxml.ns import qn

    paragraph.paragraph_format.first_line_indent = 0
    properties: Any = paragraph._element.pPr
    properties.find(qn("w:ind")).set(qn("w:firstLineChars"), "0")


def set_east_asian(named: Any, font: str) -> None:
    """The font of the Chinese characters of a style or run, which the writer's own setting does not reach."""
    from docx.oxml.ns import qn

    named._element.rPr.rFonts.set(qn("w:eastAsia"), font)


def _without_theme(document: "Document") -> None:
    """A font of the theme would win over the named one."""
    from docx.oxml.ns import qn

    for fonts in document.styles.element.iter(qn("w:rFonts")):
        for name in [name for name in fonts.attrib if str(name).endswith("heme")]:
            del fonts.attrib[name]
        for script in ("ascii", "hAnsi", "cs"):
            if fonts.get(qn(f"w:{script}")) is None:
                fonts.set(qn(f"w:{script}"), LATIN)
    for tongue in document.styles.element.iter(qn("w:lang")):
        tongue.set(qn("w:eastAsia"), "zh-CN")


def _name_fonts(document: "Document", language: str) -> None:
    """The font table says what may stand in for a font that a machine lacks."""
    from docx.oxml.ns import nsdecls

    fonts = []
    for key in ("title", "body", "heading", "subheading", "page"):
        name, *others = words(language, f"report.font.{key}")
        fonts.append(
            f'<w:font w:name="{name}"><w:altName w:val="{",".join(others)}"/><w:charset w:val="86"/>'
            '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        )
    xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{"".join(fonts)}</w:fonts>'
    part = next(p for p in document.part.package.iter_parts() if str(p.partname) == "/word/fontTable.xml")
    part._blob = xml.encode()


def _number_pages(document: "Document", language: str) -> None:
    """Outside at the bottom, one character in: GB/T 9704-2012, 7.5."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    sides = ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT))
    for footer, side in sides:
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["Normal"]
        paragraph.alignment = side
        no_indent(paragraph)
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(SIZE_4)
        _page_number(paragraph, words(language, "report.font.page")[0])


def _page_number(paragraph: "Paragraph", font: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    for kind, text in (("text", "— "), ("begin", ""), ("code", "PAGE"), ("end", ""), ("text", " —")):
        run = paragraph.add_run(text if kind == "text" else "")
        run.font.size, run.font.name = Pt(SIZE_4), font
        set_east_asian(run, font)
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.text = text
            run._element.append(code)
        elif kind != "text":
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)


def _say_nothing_of_us(document: "Document", language: str) -> None:
    core = document.core_properties
    core.author = core.comments = core.keywords = core.title = ""
    core.language = language.replace("_", "-")
