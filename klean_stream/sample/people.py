"""The sellers of the sample marketplace, and what they say of themselves when they sign up."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from stdnum.cn import uscc
from stdnum.jp import cn as jp_cn

from klean_stream.events import Brand, Document, SellerSignup
from klean_stream.sample.categories import Language
from klean_stream.sample.chance import happens
from klean_stream.sample.disguises import disguise
from klean_stream.sample.phrases import say
from klean_stream.sample.registry import name_in

Role = Literal["honest", "official", "counterfeiter"]
Change = Literal["signed_up", "details_changed"]
Land = Literal["KR", "CN", "US", "JP"]

LANGUAGES: dict[Land, Language] = {"KR": "ko", "CN": "zh", "US": "en", "JP": "en"}
_LOCALES: dict[Land, str] = {"KR": "ko-KR", "CN": "zh-CN", "US": "en-US", "JP": "en-JP"}

_STREETS: dict[Land, tuple[str, ...]] = {
    "KR": ("서울특별시 마포구 월드컵로 {n}", "부산광역시 해운대구 센텀로 {n}", "경기도 성남시 정자로 {n}"),
    "CN": ("广东省广州市白云区站前路{n}号", "浙江省义乌市稠州路{n}号", "福建省泉州市丰泽街{n}号"),
    "US": ("{n} Orchard Ave, Sacramento, CA", "{n} Mill St, Columbus, OH"),
    "JP": ("{n} Honmachi, Chuo-ku, Osaka", "{n} Asakusa, Taito-ku, Tokyo"),
}
_BRN_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


@dataclass(frozen=True, slots=True)
class Seller:
    """A seller: what kind of seller it is, and for an official one, whose."""

    seller_id: str
    role: Role
    land: Land
    brand: Brand | None = None

    @property
    def language(self) -> Language:
        """The language of the seller's listings."""
        return LANGUAGES[self.land]


def korean_registration(rng: Random) -> str:
    """Give a business registration number (사업자등록번호) that is well-formed, check digit included."""
    # Tax office, kind of business (01-79 is a person in business, 81, 86, 87, 88 a company), serial.
    kind = rng.choice((1, 12, 23, 34, 45, 56, 67, 81, 86, 87, 88))
    body = f"{rng.randint(101, 689)}{kind:02d}{rng.randint(1, 9999):04d}"
    digits = [int(digit) for digit in body]
    total = sum(digit * weight for digit, weight in zip(digits, _BRN_WEIGHTS, strict=True))
    # The ninth product counts with its tens digit, too (National Tax Service).
    total += digits[-1] * _BRN_WEIGHTS[-1] // 10
    return f"{body[:3]}-{body[3:5]}-{body[5:]}{-total % 10}"


def chinese_registration(rng: Random) -> str:
    """Give a unified social credit code (统一社会信用代码) with its check character."""
    region = rng.choice(("440111", "330782", "350503", "310115", "110105"))
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"91{region}MA{''.join(rng.choice(letters) for _ in range(7))}"
    return body + str(uscc.calc_check_digit(body))


def japanese_registration(rng: Random) -> str:
    """Give a corporate number (法人番号) with its check digit."""
    body = f"{rng.randint(1, 999_999_999_999):012d}"
    return str(jp_cn.calc_check_digit(body)) + body


def american_registration(rng: Random) -> str:
    """Give an employer identification number; it has no check digit."""
    return f"{rng.choice((12, 36, 46, 77, 81, 92)):02d}-{rng.randint(0, 9_999_999):07d}"


_REGISTRATION: dict[Land, Callable[[Random], str]] = {
    "KR": korean_registration,
    "CN": chinese_registration,
    "US": american_registration,
    "JP": japanese_registration,
}


def phone(rng: Random, land: Land) -> str:
    """Give a mobile number of a valid form; the American ones are of the range kept for fiction."""
    if land == "KR":
        return f"010-{rng.randint(2000, 5899)}-{rng.randint(0, 9999):04d}"
    if land == "CN":
        return f"+86 {rng.choice((138, 139, 150, 186))} {rng.randint(0, 9999):04d} {rng.randint(0, 9999):04d}"
    if land == "JP":
        return f"+81 90-{rng.randint(1000, 9999)}-{rng.randint(0, 9999):04d}"
    return f"+1 {rng.choice((212, 310, 415, 646))}-555-01{rng.randint(0, 99):02d}"


def wrong_registration(rng: Random, land: Land) -> str | None:
    """Give a registration number that no authority issued: a false digit, a false form, or none at all."""
    number = _REGISTRATION[land](rng)
    fault = rng.choice(("digit", "short", "letters", "absent"))
    if fault == "absent":
        return None
    if fault == "short":
        return number[:-3]
    if fault == "letters" or land == "US":
        return "등록중" if land == "KR" else "PENDING"
    if land == "JP":
        return str(int(number[0]) % 9 + 1) + number[1:]
    # The last place is the check digit, in Korea and in China.
    return number[:-1] + str((int(number[-1]) + 1) % 10 if number[-1].isdigit() else 0)


def wrong_phone(rng: Random) -> str:
    """Give what is no phone number."""
    return rng.choice(("010-123-45", "02-12", "+82 99 9999 9999", "+86 12 345", "call me"))


def shop_name(rng: Random, language: Language) -> str:
    """Give a shop name that is no brand's."""
    first, second = say(rng, "shop_first", language), say(rng, "shop_second", language)
    return first + second if language == "zh" else f"{first} {second}"


def brand_shop_name(rng: Random, language: Language, brand: Brand, *, disguised: bool) -> str:
    """Give a shop name that makes itself out to be the brand's."""
    name = name_in(brand, language, rng)
    return say(rng, "brand_shop", language).replace("{name}", disguise(name, rng) if disguised else name)


def signup(
    rng: Random, seller: Seller, *, shop: str, flawed: bool = False, change: Change = "signed_up"
) -> SellerSignup:
    """Give what the seller says of itself; ``flawed``: with a wrong registration number, often phone too."""
    registration = wrong_registration(rng, seller.land) if flawed else _REGISTRATION[seller.land](rng)
    person = say(rng, "people", seller.language)
    return SellerSignup(
        seller_id=seller.seller_id,
        change=change,
        shop_name=shop,
        legal_name=person if seller.role == "honest" else shop,
        country=seller.land,
        registration_number=registration,
        phone=wrong_phone(rng) if flawed and happens(rng, 50) else phone(rng, seller.land),
        email=f"{seller.seller_id}@shops.example",
        address=rng.choice(_STREETS[seller.land]).replace("{n}", str(rng.randint(1, 480))),
        payout_account=f"{seller.land}-{rng.randint(0, 10**12 - 1):012d}",
        documents=_documents(rng, seller, flawed=flawed),
        locale=_LOCALES[seller.land],
    )


def _documents(rng: Random, seller: Seller, *, flawed: bool) -> tuple[Document, ...]:
    documents = []
    if not (flawed and happens(rng, 50)):  # half of those with a wrong number show none
        documents.append(Document(kind="business_registration", document_id=f"d-{rng.getrandbits(40):010x}"))
        documents.append(Document(kind="bank_account", document_id=f"d-{rng.getrandbits(40):010x}"))
    if seller.brand is not None:
        documents.append(
            Document(
                kind="brand_authorisation",
                document_id=f"d-{rng.getrandbits(40):010x}",
                brand_id=seller.brand.brand_id,
            )
        )
    return tuple(documents)
