"""Keeps the search index in step with customers."""

from openpartner.customers.models import Customer
from openpartner.customers.queries import RESOLD_KIND, SEARCH_KIND
from openpartner.platform import search
from openpartner.platform.search import SearchDocument
from openpartner.platform.work import UnitOfWork


def have_found(uow: UnitOfWork, customer: Customer) -> None:
    """Let the customer's partner, and its reseller, find it by name, domain and tenant id; an ended one by nothing."""
    if not customer.is_active:
        search.remove(uow.db, SEARCH_KIND, customer.commerce_id)
        search.remove(uow.db, RESOLD_KIND, customer.commerce_id)
        return
    for document in documents_of(customer):
        search.index(uow.db, document)
    if customer.reseller_id is None:
        search.remove(uow.db, RESOLD_KIND, customer.commerce_id)


def documents_of(customer: Customer) -> list[SearchDocument]:
    """What an active customer is found by: one document for each partner that sees it."""
    words = (customer.domain, str(customer.tenant_id))
    owners = [(SEARCH_KIND, customer.partner_id)]
    if customer.reseller_id is not None:
        owners.append((RESOLD_KIND, customer.reseller_id))
    return [
        SearchDocument(kind=kind, id=customer.commerce_id, owner=owner, title=customer.company_name, words=words)
        for kind, owner in owners
    ]
