"""What others say about a seller: reports of infringements, and answers of moderators."""

from collections.abc import Mapping
from random import Random
from typing import Literal
from urllib.parse import quote

from klean_stream.events import Brand, IpReport, ListingSnapshot, ModeratorDecision
from klean_stream.sample.categories import Language
from klean_stream.sample.chance import happens
from klean_stream.sample.offers import LOCALES, Offer

Reporter = Literal["rights_holder", "agent", "buyer", "rival", "forged"]

_STATEMENTS: Mapping[Reporter, dict[Language, tuple[str, ...]]] = {
    "rights_holder": {
        "ko": ("당사는 해당 상표의 권리자이며 본 상품은 당사 제품이 아닙니다. 판매 중단을 요청합니다.",),
        "en": ("We own the mark. We did not make these goods and did not license them. Please remove them.",),
        "zh": ("我司为该商标权利人，该商品并非我司生产，亦未获授权，请予下架。",),
    },
    "agent": {
        "ko": ("권리자를 대리하여 신고합니다. 시험 구매 결과 위조품으로 확인되었습니다.",),
        "en": ("On behalf of the owner of the mark: a test purchase proved to be counterfeit.",),
        "zh": ("受权利人委托投诉，经购买鉴定为假冒商品。",),
    },
    "buyer": {
        "ko": ("받아 보니 로고 박음질이 다르고 보증서도 없어요. 가품 같습니다.", "백화점 제품이랑 달라요. 확인 부탁드려요."),
        "en": ("The stitching is off and there is no certificate. I think it is fake.", "Not what the shop sells."),
        "zh": ("收到货和专柜不一样，做工很差，怀疑是假货。", "没有防伪码，请核实。"),
    },
    "rival": {
        "ko": ("이 판매자는 가격이 말이 안 됩니다. 짝퉁이 분명하니 내려 주세요.",),
        "en": ("Nobody can sell at this price honestly. Take this shop down.",),
        "zh": ("这个价格不可能是正品，请平台处理。",),
    },
    "forged": {
        "ko": ("저희가 상표권자입니다. 즉시 삭제해 주세요.",),
        "en": ("We are the owner of the trade mark. Remove this listing at once.",),
        "zh": ("我们是商标权利人，请立即删除该商品。",),
    },
}
_ROLES: Mapping[Reporter, Literal["rights_holder", "buyer", "seller"]] = {
    "rights_holder": "rights_holder",
    "agent": "rights_holder",
    "buyer": "buyer",
    "rival": "seller",
    "forged": "rights_holder",
}
_REASONS: Mapping[Literal["uphold", "dismiss", "need_more", "reassign", "reinstate"], str] = {
    "uphold": "Test purchase confirms the report.",
    "dismiss": "Invoice of the authorised distributor was shown.",
    "need_more": "Photos of label and seams are needed.",
    "reassign": "Needs someone who reads Korean.",
    "reinstate": "The seller's objection is right: genuine goods.",
}


def report(  # noqa: PLR0913 - a notice joins a reporter, a listing and a mark
    rng: Random,
    report_id: str,
    reporter: Reporter,
    *,
    reporter_id: str,
    seller_id: str,
    listing_id: str,
    version: int,
    offer: Offer,
) -> IpReport:
    """Give a report about a listing as the reporter saw it."""
    return IpReport(
        report_id=report_id,
        seller_id=seller_id,
        listing_id=listing_id,
        reporter_id=reporter_id,
        reporter_role=_ROLES[reporter],
        brand_id=offer.brand_id,
        ground="trademark" if reporter == "agent" and happens(rng, 50) else "counterfeit",
        statement=rng.choice(_STATEMENTS[reporter][offer.language]),
        listing=ListingSnapshot(
            title=offer.title, description=offer.description, category=offer.category, version=version
        ),
        locale=LOCALES[offer.language],
    )


def reporter_id_for(rng: Random, reporter: Reporter, brand: Brand | None, others: tuple[Brand, ...]) -> str:
    """Give the id under which somebody reports; only that of a rights holder or agent stands in the registry.

    A forger claims to be a rights holder: with an id that sounds like one, or with that of another brand's.
    """
    if brand is not None and reporter == "rights_holder" and brand.owner is not None:
        return rng.choice(brand.owner.reporter_ids)
    if brand is not None and reporter == "agent" and brand.agents:
        return rng.choice(brand.agents)
    if reporter == "forged":
        false_ids = [f"rh-{rng.choice(('global', 'world', 'asia'))}-brand-protection-{rng.randint(1, 99):02d}"]
        owner = rng.choice(others).owner
        own_ids = () if brand is None or brand.owner is None else brand.owner.reporter_ids
        if owner is not None and not set(owner.reporter_ids) & set(own_ids):
            false_ids.append(owner.reporter_ids[0])
        return rng.choice(false_ids)
    return f"b-{rng.randint(1, 999_999):06d}"


def answer_without_case(rng: Random, seller_id: str, number: int) -> ModeratorDecision:
    """Give a moderator's answer to a case that has long been closed and is gone: nothing may come of it.

    An answer to a case of this very day would have to wait for it: topics have no order among each other.
    """
    action = rng.choice(tuple(_REASONS))
    return ModeratorDecision(
        seller_id=seller_id,
        case_id=f"{quote(seller_id, safe='')}/l-former-{number:07d}/1",
        case_version=1,
        action=action,
        moderator_id=f"m-{rng.randint(1, 12):02d}",
        reason=_REASONS[action],
        assignee=f"m-{rng.randint(13, 20):02d}" if action == "reassign" else None,
    )
