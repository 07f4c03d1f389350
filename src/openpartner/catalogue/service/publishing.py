"""Publishing from the operator console: products with their SKUs, and promotions."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from openpartner.catalogue import queries
from openpartner.catalogue.events import ProductChanged, ProductPublished, PromotionPublished
from openpartner.catalogue.models import Product, PublishedPromotion, Sku
from openpartner.catalogue.rules import OfferCategory, ProductKind, Promotion
from openpartner.platform.errors import Conflict, InvalidFields, PreconditionFailed
from openpartner.platform.identifiers import ALPHANUMERIC, Identifiers
from openpartner.platform.permissions import OPERATOR_CATALOGUE
from openpartner.platform.work import UnitOfWork


class SkuDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU as the operator describes it; members as in ``models.Sku``. id: empty for the next free one."""

    id: str = ""
    title: str
    description: str = ""
    unit_of_measure: str = "1 License"
    minimum_quantity: int = 1
    maximum_quantity: int = 10_000_000
    is_trial: bool = False
    is_addon: bool = False
    prerequisite_skus: list[str] = []
    base_seat_percent: int = 0
    upgrade_targets: list[str] = []
    converts_to: str = ""
    ownership_limit: int | None = None
    is_ownership_limit_lifetime: bool = False
    enforces_attestation: bool = False
    attestation_type: str = ""
    needs_registration: bool = False
    has_inventory: bool = False
    inventory_variables: list[str] = []
    provisioning_variables: list[str] = []
    restricted_regions: list[str] = []
    provisioning_id: UUID | None = None
    provisioning_string: str = ""
    service_plans: list[str] = []
    attributes: dict[str, str] = {}
    is_renewable: bool = True
    legacy_offer_id: UUID | None = None
    offer_category: OfferCategory | None = None


class ProductDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A product as the operator describes it. id: empty for a new one."""

    id: str = ""
    kind: ProductKind
    sub_type: str = ""
    title: str
    description: str = ""
    publisher_name: str
    publisher_id: str = ""
    is_microsoft: bool = False
    skus: list[SkuDraft]


class ProductExists(Conflict):
    """The id is taken."""

    def __init__(self, product_id: str) -> None:
        super().__init__(f"The product {product_id} is in the catalogue already. Change it instead.", code=1003)


def publish_product(uow: UnitOfWork, draft: ProductDraft) -> Product:
    """Add a product and its SKUs. It is sold where a price list then gives it prices.

    Raises ProductExists, InvalidFields. Emits ProductPublished.
    """
    uow.actor.require(OPERATOR_CATALOGUE.write)
    _check(uow, draft)
    product_id = draft.id.upper() or new_product_id(uow.ids, draft.kind)
    if uow.db.get(Product, product_id) is not None:
        raise ProductExists(product_id)
    product = Product(
        id=product_id,
        kind=draft.kind,
        sub_type=draft.sub_type,
        title=draft.title.strip(),
        description=draft.description,
        publisher_name=draft.publisher_name.strip(),
        publisher_id=draft.publisher_id,
        is_microsoft=draft.is_microsoft,
        created_at=uow.now,
    )
    uow.db.add(product)
    uow.db.flush()
    taken = {sku.id.upper() for sku in draft.skus if sku.id}
    sku_ids = [_add_sku(uow, product_id, sku, taken) for sku in draft.skus]
    uow.emit(ProductPublished(partner_id=None, product_id=product_id, sku_ids=sku_ids))
    uow.db.flush()
    return product


def new_product_id(ids: Identifiers, kind: ProductKind) -> str:
    """A fresh id with the prefix of its kind, as the vendor's look."""
    prefix = {
        ProductKind.LICENSE: "CFQ7TTC0",
        ProductKind.SAAS: "DZH318Z0",
        ProductKind.AZURE_PLAN: "DZH318Z0",
        ProductKind.RESERVATION: "DZH318Z0",
        ProductKind.SAVINGS_PLAN: "DZH318Z0",
    }.get(kind, "DG7GMGF0")
    return prefix + ids.pick(ALPHANUMERIC, 4)


def _add_sku(uow: UnitOfWork, product_id: str, draft: SkuDraft, taken: set[str]) -> str:
    sku_id = draft.id.upper()
    if not sku_id:
        sku_id = next_sku_id(taken)
        taken.add(sku_id)
    values = msgspec.structs.asdict(draft) | {"id": sku_id, "title": draft.title.strip()}
    uow.db.add(Sku(product_id=product_id, **values))
    return sku_id


def next_sku_id(taken: Collection[str]) -> str:
    """The lowest number that no SKU of the product has."""
    return next(free for n in range(1, 10_000) if (free := f"{n:04}") not in taken)


def _check(uow: UnitOfWork, draft: ProductDraft) -> None:
    problems = {}
    if draft.id and (len(draft.id) != 12 or not draft.id.isalnum()):
        problems["id"] = "A product id has 12 letters and digits."
    if not draft.title.strip():
        problems["title"] = "The product needs a title."
    if not draft.publisher_name.strip():
        problems["publisherName"] = "The product needs a publisher."
    if not draft.skus:
        problems["skus"] = "The product needs at least one SKU."
    for n, sku in enumerate(draft.skus):
        problems |= {f"skus[{n}].{name}": reason for name, reason in sku_problems(sku).items()}
    given = [sku.id.upper() for sku in draft.skus if sku.id]
    if len(given) != len(set(given)):
        problems["skus"] = "Two SKUs have the same id."
    unknown = unknown_skus(uow, draft.skus, {f"{draft.id.upper()}:{sku.id.upper()}" for sku in draft.skus})
    if unknown:
        problems["skus"] = f"These SKUs are not in the catalogue: {', '.join(unknown)}."
    if problems:
        raise InvalidFields(problems)


def sku_problems(sku: SkuDraft) -> dict[str, str]:
    """What is wrong with a SKU by itself, by the member's name on the wire."""
    problems = {}
    if sku.id and (len(sku.id) != 4 or not sku.id.isalnum()):
        problems["id"] = "A SKU id has 4 letters and digits."
    if not sku.title.strip():
        problems["title"] = "The SKU needs a title."
    if not 1 <= sku.minimum_quantity <= sku.maximum_quantity:
        problems["minimumQuantity"] = "The quantities must be 1 or more, the minimum no larger than the maximum."
    if not 0 <= sku.base_seat_percent <= 100:
        problems["baseSeatPercent"] = "The share of the base seats is 0 to 100 percent."
    return problems


def unknown_skus(uow: UnitOfWork, drafts: Sequence[SkuDraft], own: Collection[str]) -> list[str]:
    """Each ``product:sku`` that these name and that is neither in the catalogue nor among their ``own``."""
    named = {
        key
        for sku in drafts
        for key in (*sku.prerequisite_skus, *sku.upgrade_targets, *([sku.converts_to] if sku.converts_to else []))
    }
    known = {sku.key for sku in queries.every_sku(uow, {key.partition(":")[0] for key in named})}
    return sorted(named - known - set(own))


class ProductChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of a product; what is left out stays."""

    title: str | None = None
    description: str | None = None
    publisher_name: str | None = None
    is_published: bool | None = None


def change_product(uow: UnitOfWork, product_id: str, change: ProductChange, *, version: int | None = None) -> Product:
    """Change a product's texts, withdraw it from sale or bring it back. Subscriptions that hold it keep it.

    Raises ProductUnknown, PreconditionFailed, InvalidFields. Emits ProductChanged when anything changed.
    """
    uow.actor.require(OPERATOR_CATALOGUE.write)
    product = queries.product_to_change(uow, product_id, lock=True)
    if version is not None and version != product.version:
        raise PreconditionFailed
    wanted = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
    empty = [name for name in ("title", "publisher_name") if name in wanted and not wanted[name].strip()]
    if empty:
        raise InvalidFields({name: f"The product needs a {name.replace('_', ' ')}." for name in empty})
    before = {name: getattr(product, name) for name in wanted}
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if not changed:
        return product
    for name, value in changed.items():
        setattr(product, name, value)
    uow.emit(
        ProductChanged(
            partner_id=None,
            product_id=product.id,
            before={_camel(name): before[name] for name in changed},
            after={_camel(name): value for name, value in changed.items()},
        )
    )
    uow.db.flush()
    return product


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def publish_promotion(uow: UnitOfWork, promotion: Promotion) -> PublishedPromotion:
    """Publish a promotion, or replace the one with its id.

    Raises SkuUnknown, InvalidFields. Emits PromotionPublished.
    """
    uow.actor.require(OPERATOR_CATALOGUE.write)
    _check_promotion(uow, promotion)
    row = uow.db.get(PublishedPromotion, promotion.id)
    before = None if row is None else msgspec.to_builtins(row.terms)
    if row is None:
        row = PublishedPromotion(id=promotion.id)
        uow.db.add(row)
    row.product_id, row.sku_id, row.segment = promotion.product_id, promotion.sku_id, promotion.segment
    row.starts_at, row.ends_at, row.terms = promotion.starts_at, promotion.ends_at, promotion
    uow.emit(
        PromotionPublished(
            partner_id=None, promotion_id=promotion.id, before=before, after=msgspec.to_builtins(promotion)
        )
    )
    uow.db.flush()
    return row


def _check_promotion(uow: UnitOfWork, promotion: Promotion) -> None:
    known: Sequence[Sku] = queries.every_sku(uow, [promotion.product_id])
    if promotion.sku_id not in {sku.id for sku in known}:
        raise queries.SkuUnknown(promotion.product_id, promotion.sku_id)
    problems = {}
    if not 0 < promotion.discount < 1:
        problems["discount"] = "The discount is a fraction between 0 and 1, such as 0.15."
    if promotion.ends_at < promotion.starts_at:
        problems["endDate"] = "The promotion ends before it starts."
    if not promotion.name.strip():
        problems["name"] = "The promotion needs a name."
    if problems:
        raise InvalidFields(problems)
