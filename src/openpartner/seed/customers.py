"""The customers of a seeded world: companies in ten countries, with the addresses their countries demand."""

from collections.abc import Iterator
from dataclasses import dataclass

from openpartner.customers.rules import NewCustomer
from openpartner.platform.addresses import Address

# country | culture | city | state | postal code | street | phone | registration number
_PLACES = {
    "US": ("en-US", "Redmond", "WA", "98052", "{n} Main Street", "4255550{n:03}", ""),
    "CA": ("en-CA", "Toronto", "ON", "M5H 2N2", "{n} King Street West", "4165550{n:03}", ""),
    "GB": ("en-GB", "Manchester", "", "M1 1AE", "{n} Deansgate", "1615550{n:03}", ""),
    "DE": ("de-DE", "Hamburg", "", "20095", "Mönckebergstraße {n}", "40555{n:04}", ""),
    "FR": ("fr-FR", "Lyon", "", "69002", "{n} rue Mercière", "47255{n:04}", ""),
    "NL": ("nl-NL", "Utrecht", "", "3511 LX", "Oudegracht {n}", "30255{n:04}", ""),
    "ES": ("es-ES", "Valencia", "Valencia", "46001", "Calle de la Paz {n}", "96355{n:04}", ""),
    "IT": ("it-IT", "Torino", "TO", "10121", "Via Roma {n}", "1155{n:05}", ""),
    "AT": ("de-AT", "Wien", "", "1010", "Kärntner Straße {n}", "1555{n:04}", ""),
    "IE": ("en-IE", "Dublin", "Co. Dublin", "D02 AF30", "{n} Grafton Street", "1555{n:04}", ""),
}

_DIRECT = (
    ("US", "Adventure Works"),
    ("US", "Alpine Ski House"),
    ("US", "Bellows College"),
    ("US", "Blue Yonder Airlines"),
    ("US", "City Power & Light"),
    ("US", "Coho Vineyard"),
    ("US", "Consolidated Messenger"),
    ("US", "Fourth Coffee"),
    ("US", "Graphic Design Institute"),
    ("US", "Humongous Insurance"),
    ("US", "Lucerne Publishing"),
    ("US", "Margie's Travel"),
    ("US", "Northwind Traders"),
    ("US", "Proseware"),
    ("US", "Relecloud"),
    ("US", "School of Fine Art"),
    ("US", "Southridge Video"),
    ("US", "The Phone Company"),
    ("US", "Trey Research"),
    ("US", "VanArsdel"),
    ("US", "Wide World Importers"),
    ("US", "Wingtip Toys"),
    ("CA", "Lamna Healthcare"),
    ("CA", "Maple Ridge Foods"),
)

_PROVIDER = (
    ("DE", "Best for You Organics"),
    ("DE", "Hanse Logistik"),
    ("DE", "Müller & Söhne Maschinenbau"),
    ("DE", "Nordsee Energie"),
    ("GB", "Liberty's Delightful Sinful Bakery"),
    ("GB", "Munson's Pickles and Preserves"),
    ("GB", "Pennine Textiles"),
    ("FR", "Atelier Lumière"),
    ("FR", "Boulangerie Dubois"),
    ("FR", "Éditions du Rhône"),
    ("NL", "De Gracht Architecten"),
    ("NL", "Van Dijk Bloemen"),
    ("ES", "Azahar Consultores"),
    ("ES", "Talleres Turia"),
    ("IT", "Officine Po"),
    ("IT", "Cantina Langhe"),
    ("AT", "Alpenblick Hotels"),
    ("AT", "Wiener Werkstatt"),
    ("IE", "Cúirt Legal"),
    ("IE", "Shannon Instruments"),
)

_CONTACTS = (
    ("Robin", "Counts"),
    ("Mona", "Kane"),
    ("Tom", "Perham"),
    ("Eva", "Corets"),
    ("Luca", "Dellamore"),
    ("Noor", "Fayed"),
    ("Kai", "Carter"),
    ("Pia", "Westermann"),
)


@dataclass(frozen=True)
class SeededCustomer:
    """A company to be made a customer. reseller: 0 for none, else the first or second reseller of the provider."""

    new: NewCustomer
    reseller: int = 0


def _slug(name: str) -> str:
    plain = name.lower().translate(str.maketrans("äöüéèåãú", "aoueeaau"))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())[:20]


def _customer(number: int, country: str, name: str) -> NewCustomer:
    culture, city, state, postal_code, street, phone, registration = _PLACES[country]
    first, last = _CONTACTS[number % len(_CONTACTS)]
    slug = _slug(name)
    return NewCustomer(
        domain=f"{slug}.onmicrosoft.com",
        company_name=name,
        email=f"{first.lower()}.{last.lower()}@{slug}.example",
        culture=culture,
        language=culture[:2],
        address=Address(
            country=country,
            address_line1=street.format(n=number + 10),
            city=city,
            state=state,
            postal_code=postal_code,
            first_name=first,
            last_name=last,
            phone_number=phone.format(n=number + 100),
        ),
        registration_number=registration,
        first_name=first,
        last_name=last,
    )


def direct_customers() -> Iterator[SeededCustomer]:
    """The direct-bill partner's."""
    for number, (country, name) in enumerate(_DIRECT):
        yield SeededCustomer(_customer(number, country, name))


def provider_customers() -> Iterator[SeededCustomer]:
    """The indirect provider's, each for one of its two resellers."""
    for number, (country, name) in enumerate(_PROVIDER, start=len(_DIRECT)):
        yield SeededCustomer(_customer(number, country, name), reseller=1 + number % 2)
