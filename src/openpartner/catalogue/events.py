"""What the catalogue announces: always the programme operator's doing, in the operator's activity log."""

from typing import ClassVar

from openpartner.platform.events import Event


class ProductPublished(Event, frozen=True, kw_only=True):
    """A product came into the catalogue, with its SKUs."""

    resource_type: ClassVar[str] = "product"
    operation_type: ClassVar[str] = "create_product"

    product_id: str
    sku_ids: list[str]

    @property
    def resource_id(self) -> str:
        return self.product_id


class ProductChanged(Event, frozen=True, kw_only=True):
    """Texts, limits or availability of a product changed; ``before`` and ``after`` say which."""

    resource_type: ClassVar[str] = "product"
    operation_type: ClassVar[str] = "update_product"

    product_id: str

    @property
    def resource_id(self) -> str:
        return self.product_id


class PriceListPublished(Event, frozen=True, kw_only=True):
    """A price list was taken, whole. added, changed, ended: price rows."""

    resource_type: ClassVar[str] = "price_list"
    operation_type: ClassVar[str] = "publish_price_list"

    publication_id: str
    file_name: str
    sha256: str
    added: int
    changed: int
    ended: int

    @property
    def resource_id(self) -> str:
        return self.publication_id


class PromotionPublished(Event, frozen=True, kw_only=True):
    """A promotion was published or replaced."""

    resource_type: ClassVar[str] = "promotion"
    operation_type: ClassVar[str] = "publish_promotion"

    promotion_id: str

    @property
    def resource_id(self) -> str:
        return self.promotion_id
