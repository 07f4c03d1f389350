"""The documents some products are sold against: a purchase order, and what a public tender needs besides."""

from enum import StrEnum
from typing import Final

import msgspec

from openpartner.platform.errors import Invalid

#: ``dynamicAttributes`` of a SKU that is sold against a purchase order. Source: partner-center-conventions §18.
NEEDS_PURCHASE_ORDER: Final = "requiresPurchaseOrder"
LARGEST_ATTACHMENT: Final = 10 * 1024 * 1024


class AttachmentType(StrEnum):
    """The wire's ``attachmentType``. Source: partner-center-resources §9."""

    PURCHASE_ORDER = "POAttachment"
    TENDER = "TenderAttachment"


class PurchaseOrder(msgspec.Struct, frozen=True):
    """What is said with the documents: the price the customer pays, as text, and whether a tender stands behind it."""

    customer_price: str
    currency: str
    is_part_of_tender: bool = False
    fx_rate: str = ""
    tender_link: str = ""


class DocumentsRefused(Invalid):
    """Source: partner-center-conventions §19: 900252, 900253, 900254."""


def check_documents(
    purchase_order: PurchaseOrder, purchase_order_files: int, tender_files: int, largest_bytes: int
) -> None:
    """Raise DocumentsRefused unless the documents and what is said of them are complete.

    purchase_order_files, tender_files: how many came. largest_bytes: of the largest of them.
    """
    if not purchase_order.customer_price.strip() or not purchase_order.currency.strip():
        raise DocumentsRefused("Give customerPrice and currency in the metadata.", code=900254)
    if purchase_order_files < 1:
        raise DocumentsRefused("Attach the customer's purchase order as a POFiles part.", code=900252)
    if purchase_order.is_part_of_tender and not purchase_order.tender_link.strip() and tender_files < 1:
        raise DocumentsRefused("Give the tenderLink, or attach the tender document as a TenderFiles part.", code=900253)
    if largest_bytes > LARGEST_ATTACHMENT:
        raise DocumentsRefused(f"An attachment has at most {LARGEST_ATTACHMENT // 1024 // 1024} MB.", code=800002)


def download_headers(file_name: str) -> dict[str, str]:
    """The header that has a document saved, never shown on a page of this origin; odd letters become ``_``."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in file_name)
    return {"Content-Disposition": f'attachment; filename="{plain}"'}
