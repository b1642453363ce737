"""Numbers as the annual report prints them (数字): from ten thousand on in 万."""

from decimal import ROUND_HALF_UP, Decimal

_WAN = 10_000


def in_wan(n: int, unit: str) -> str:
    """A count as the sentence prints it: from 10,000 on in units of ten thousand, two decimals, zeros dropped."""
    if n < _WAN:
        return str(n)
    scaled = (Decimal(n) / _WAN).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{scaled.normalize():f}{unit}"


def ratio(part: int, whole: int) -> str | None:
    """A rate in percent with one decimal, or None of nothing."""
    if not whole:
        return None
    return f"{(Decimal(part) * 100 / whole).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def in_characters(n: int, characters: str) -> str:
    """A number from 1 to 99 in `characters`, those of one to ten in their order, as headings are numbered: 二十一."""
    ones, ten = characters[:9], characters[9]
    tens, one = divmod(n, 10)
    if not 1 <= n <= 99:
        raise ValueError(f"{n} is numbered in no heading")
    return (ones[tens - 1] if tens > 1 else "") + (ten if tens else "") + (ones[one - 1] if one else "")
