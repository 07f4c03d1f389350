"""The JSON of an address, as every resource of Partner Center has it."""

import msgspec

from openpartner.platform import addresses
from openpartner.platform.http.answers import Wire


class Address(Wire, kw_only=True):
    """An address, in and out. Source: partner-center-resources §1."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    state: str | None = None
    address_line1: str | None = msgspec.field(default=None, name="addressLine1")
    address_line2: str | None = msgspec.field(default=None, name="addressLine2")
    address_line3: str | None = msgspec.field(default=None, name="addressLine3")
    postal_code: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    phone_number: str | None = None

    @classmethod
    def of(cls, address: addresses.Address) -> "Address":
        """What is set of the address; the rest is left out."""
        return cls(**{name: getattr(address, name) or None for name in cls.__struct_fields__})

    def read(self) -> addresses.Address:
        """The address that the rules take."""
        return addresses.Address(**{name: getattr(self, name) or "" for name in self.__struct_fields__})
