"""A service's refusal (拒绝): a key and its fields, worded by whoever speaks to the user."""


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Raised by a service that will not do what was asked; `key` names the sentence in the catalogue."""

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(key, fields)
        self.key = key
        self.fields = fields
