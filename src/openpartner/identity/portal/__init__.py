"""The provider's pages: signing in step by step, consent, the device code, signing out. Source: identity §3, §7, §11.

Every page posts to one address with ``next``, the address the browser asked for at first; a step done, the browser goes
back there and what is still missing is decided anew. So no step can be skipped, and nothing is kept between the pages
but the session itself.
"""

from openpartner.identity.portal.pages import Pages

__all__ = ["Pages"]
