"""The house's own secret (签名密钥): signs the cookies of our pages."""

import secrets

from bot.settings import Settings


def house_secret(settings: Settings) -> str:
    """The secret that is set, else one that is made once and kept in the data folder."""
    if settings.secret:
        return settings.secret.get_secret_value()
    path = settings.data_dir / "session.secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), "utf-8")
    return path.read_text("utf-8")
