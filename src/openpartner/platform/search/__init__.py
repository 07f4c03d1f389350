"""The one search index: what entities are found by, and finding them by words, beginnings and near misses."""

from openpartner.platform.search.documents import SearchDocument, index, index_many, remove
from openpartner.platform.search.questions import query
from openpartner.platform.search.tables import add_vocabulary, create, drop

__all__ = ["SearchDocument", "add_vocabulary", "create", "drop", "index", "index_many", "query", "remove"]
