"""Licences on the Graph surface: the same rows as ``/v1`` shows, in Graph's shapes. Source: graph-conventions §16."""
