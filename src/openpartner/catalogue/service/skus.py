"""SKUs of a published product: added and changed. The product's version is the ETag of both."""

from typing import Any

import msgspec
from sqlalchemy.orm.attributes import flag_modified

from openpartner.catalogue import queries
from openpartner.catalogue.events import ProductChanged
from openpartner.catalogue.models import Product, Sku
from openpartner.catalogue.service.publishing import SkuDraft, next_sku_id, sku_problems, unknown_skus
from openpartner.platform.errors import Conflict, InvalidFields, PreconditionFailed
from openpartner.platform.permissions import OPERATOR_CATALOGUE
from openpartner.platform.work import UnitOfWork


class SkuExists(Conflict):
    """The product has a SKU with this id."""

    def __init__(self, product_id: str, sku_id: str) -> None:
        super().__init__(f"The product {product_id} has a SKU {sku_id} already. Change it instead.", code=1003)


def add_sku(uow: UnitOfWork, product_id: str, draft: SkuDraft, *, version: int | None = None) -> Sku:
    """Add a SKU to a product. It is sold where a price list then gives it prices.

    version: of the product, as it was read. Raises ProductUnknown, SkuExists, PreconditionFailed, InvalidFields. Emits
    ProductChanged.
    """
    uow.actor.require(OPERATOR_CATALOGUE.write)
    product = _product(uow, product_id, version)
    _check(uow, product.id, draft)
    taken = {sku.id for sku in queries.every_sku(uow, [product.id])}
    if draft.id.upper() in taken:
        raise SkuExists(product.id, draft.id.upper())
    sku = Sku(product_id=product.id, **_values(draft, draft.id.upper() or next_sku_id(taken)))
    uow.db.add(sku)
    _announce(uow, product, {}, {f"sku {sku.id}": _shown(sku)})
    return sku


def change_sku(uow: UnitOfWork, product_id: str, draft: SkuDraft, *, version: int | None = None) -> Sku:
    """Make a SKU what the draft says; ``draft.id`` names it. Subscriptions that hold it keep their terms.

    version: of the product, as it was read. Raises ProductUnknown, SkuUnknown, PreconditionFailed, InvalidFields. Emits
    ProductChanged when anything changed.
    """
    uow.actor.require(OPERATOR_CATALOGUE.write)
    product = _product(uow, product_id, version)
    sku = uow.db.get(Sku, (product.id, draft.id.upper()))
    if sku is None:
        raise queries.SkuUnknown(product.id, draft.id.upper())
    _check(uow, product.id, draft)
    before = _shown(sku)
    for name, value in _values(draft, sku.id).items():
        setattr(sku, name, value)
    after = _shown(sku)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        _announce(
            uow,
            product,
            {f"sku {sku.id}": {name: before[name] for name in changed}},
            {f"sku {sku.id}": {name: after[name] for name in changed}},
        )
    return sku


def draft_of(sku: Sku) -> SkuDraft:
    """A SKU as the operator described it: what a change starts from."""
    return SkuDraft(**{name: getattr(sku, name) for name in SkuDraft.__struct_fields__})


def _product(uow: UnitOfWork, product_id: str, version: int | None) -> Product:
    product = queries.product_to_change(uow, product_id, lock=True)
    if version is not None and version != product.version:
        raise PreconditionFailed
    return product


def _check(uow: UnitOfWork, product_id: str, draft: SkuDraft) -> None:
    problems = sku_problems(draft)
    own = {f"{product_id}:{draft.id.upper()}"}
    unknown = unknown_skus(uow, [draft], own)
    if unknown:
        problems["prerequisiteSkus"] = f"These SKUs are not in the catalogue: {', '.join(unknown)}."
    if draft.legacy_offer_id is not None:
        taken = queries.sku_of_legacy_offer(uow, draft.legacy_offer_id)
        if taken not in {None, *own}:
            problems["legacyOfferId"] = f"This is the legacy offer of {taken}."
    if problems:
        raise InvalidFields(problems)


def _values(draft: SkuDraft, sku_id: str) -> dict[str, Any]:
    return msgspec.structs.asdict(draft) | {"id": sku_id, "title": draft.title.strip()}


def _shown(sku: Sku) -> dict[str, Any]:
    """The members as the activity log shows them."""
    described: dict[str, Any] = msgspec.to_builtins(draft_of(sku))
    return described


def _announce(uow: UnitOfWork, product: Product, before: dict[str, Any], after: dict[str, Any]) -> None:
    flag_modified(product, "title")  # a SKU's change is the product's: it raises the version
    uow.emit(ProductChanged(partner_id=None, product_id=product.id, before=before, after=after))
    uow.db.flush()
