"""The one search index: what entities are found by, and finding them by words, beginnings and near misses."""

from openpartner.platform.search.documents import SearchDocument, index, index_many, remove
from openpartner.platform.search.questions import query
from openpartner.platform.search.tables import create, drop

__all__ = ["SearchDocument", "create", "drop", "index", "index_many", "query", "remove"]
