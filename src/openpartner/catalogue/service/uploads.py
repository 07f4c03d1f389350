"""Price lists between being sent and being published: kept, looked at, then taken as they were looked at or dropped."""

import hashlib
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete

from openpartner.catalogue.models import PriceListUpload, PricePublication
from openpartner.catalogue.service.price_lists import publish_price_list
from openpartner.platform.errors import Invalid, NotFound
from openpartner.platform.permissions import OPERATOR_CATALOGUE
from openpartner.platform.work import UnitOfWork

PRICE_LIST_BYTES: Final = 16 * 1024 * 1024
"""The largest price list taken: some 60,000 rows. Larger ones are split by market."""
KEPT_FOR: Final = timedelta(days=1)


class PriceListNotText(Invalid):
    """The file is no CSV: a workbook, an archive, or text in another encoding."""

    def __init__(self, file_name: str) -> None:
        super().__init__(
            f"{file_name or 'The file'} is not text in UTF-8. In a spreadsheet program save it as "
            '"CSV UTF-8 (comma delimited)".',
            file_name=file_name,
        )


class PriceListTooLarge(Invalid):
    """Source: none; a bound that keeps a preview quick."""

    def __init__(self) -> None:
        super().__init__(f"The file is larger than {PRICE_LIST_BYTES // 1024 // 1024} MB. Split it, by market for one.")


def upload_price_list(uow: UnitOfWork, content: bytes, file_name: str) -> PriceListUpload:
    """Keep a price list to look at before it is published; nothing of it holds yet.

    Uploads older than a day are dropped on the way. Raises PriceListNotText, PriceListTooLarge.
    """
    uow.actor.require(OPERATOR_CATALOGUE.write)
    if len(content) > PRICE_LIST_BYTES:
        raise PriceListTooLarge
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PriceListNotText(file_name) from None
    if "\0" in text:
        raise PriceListNotText(file_name)
    uow.db.execute(delete(PriceListUpload).where(PriceListUpload.uploaded_at < uow.now - KEPT_FOR))
    upload = PriceListUpload(
        id=uow.ids.uuid(),
        file_name=file_name[:256],
        sha256=hashlib.sha256(content).hexdigest(),
        content=text.encode(),
        uploaded_at=uow.now,
        uploaded_by=uow.actor.name,
    )
    uow.db.add(upload)
    uow.db.flush()
    return upload


def uploaded_price_list(uow: UnitOfWork, upload_id: UUID) -> PriceListUpload:
    """One that waits to be published. Raises NotFound."""
    uow.actor.require(OPERATOR_CATALOGUE.read)
    found = uow.db.get(PriceListUpload, upload_id)
    if found is None:
        raise NotFound("The uploaded price list", upload_id)
    return found


def publish_uploaded_price_list(uow: UnitOfWork, upload_id: UUID, fingerprint: str) -> PricePublication:
    """Take an uploaded price list exactly as it was looked at.

    Raises NotFound, PriceListRefused, PriceListPlanChanged. Emits PriceListPublished.
    """
    upload = uploaded_price_list(uow, upload_id)
    publication = publish_price_list(uow, upload.content.decode(), upload.file_name, fingerprint=fingerprint)
    uow.db.delete(upload)
    return publication


def discard_uploaded_price_list(uow: UnitOfWork, upload_id: UUID) -> None:
    """Drop an upload. Raises NotFound."""
    uow.actor.require(OPERATOR_CATALOGUE.write)
    uow.db.delete(uploaded_price_list(uow, upload_id))
