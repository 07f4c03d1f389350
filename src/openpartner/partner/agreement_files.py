"""The text of an agreement as a file to keep, and links to it that end after five minutes.

Source: partner-center-endpoints, agreementtemplates document: preview and a Word file, both for five minutes.
"""

import hashlib
import hmac
import io
import zipfile
from datetime import datetime, timedelta
from uuid import UUID
from xml.sax.saxutils import escape

from openpartner.platform.errors import DomainError

LINK_LIVES = timedelta(minutes=5)
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" '
    f'ContentType="{WORD_TYPE}.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="word/document.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


class LinkExpired(DomainError):
    """The five minutes are over, or the link is not one of ours."""

    status = 410
    code = "link_expired"
    name = "LinkExpired"

    def __init__(self) -> None:
        super().__init__("This link has expired. Ask for the agreement's document again.")


def paragraphs(text: str) -> list[str]:
    """The agreement's paragraphs: parted by empty lines."""
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def word_file(title: str, version: str, text: str) -> bytes:
    """A Word document of the text, the same bytes each time."""
    lines = [title, f"Version {version}", *paragraphs(text)]
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines)
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return file.getvalue()


def _seal(secret: bytes, template_id: UUID, expires: int) -> str:
    return hmac.new(secret, f"agreement/{template_id}/{expires}".encode(), hashlib.sha256).hexdigest()


def link_query(secret: bytes, template_id: UUID, now: datetime) -> str:
    """The query that opens a document link for five minutes."""
    expires = int((now + LINK_LIVES).timestamp())
    return f"expires={expires}&seal={_seal(secret, template_id, expires)}"


def check_link(secret: bytes, template_id: UUID, expires: int, seal: str, now: datetime) -> None:
    """Raises LinkExpired."""
    if expires <= now.timestamp() or not hmac.compare_digest(seal, _seal(secret, template_id, expires)):
        raise LinkExpired
