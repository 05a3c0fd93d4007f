"""One or two instances of each input, as they would come: what ``schemas/examples`` is made of."""

from random import Random

from klean_stream.events import (
    Control,
    Document,
    Image,
    IpReport,
    Listing,
    ListingSnapshot,
    ModeratorDecision,
    Money,
    Rescan,
    SellerSignup,
)
from klean_stream.sample.people import chinese_registration, korean_registration
from klean_stream.sample.registry import sample_brands


def examples() -> dict[str, list[object]]:
    """Give realistic instances of every input type, by topic."""
    rng = Random(0)  # noqa: S311 - it has to be repeatable, not secret
    brands = {brand.brand_id: brand for brand in sample_brands()}
    return {
        "listings": [
            Listing(
                seller_id="s-000042",
                listing_id="l-0000917",
                version=1,
                change="created",
                title="나이키 미러급 에어 운동화 260~280",
                description="정품과 나란히 두어도 구분이 어려운 퀄리티입니다.",
                category="shoes",
                price=Money(amount=49_000, currency="KRW"),
                attributes={"origin": "CN", "condition": "new"},
                image_hashes=("7f" * 32,),
                locale="ko-KR",
            ),
            Listing(seller_id="s-000042", listing_id="l-0000917", version=4, change="removed"),
        ],
        "seller-signups": [
            SellerSignup(
                seller_id="s-000042",
                change="signed_up",
                shop_name="하늘 상회",
                legal_name="김서연",
                country="KR",
                registration_number=korean_registration(rng),
                phone="010-2345-6789",
                email="s-000042@shops.example",
                address="서울특별시 마포구 월드컵로 12",
                payout_account="KR-000011112222",
                documents=(Document(kind="business_registration", document_id="d-5a0c11"),),
                locale="ko-KR",
            ),
            SellerSignup(
                seller_id="s-000043",
                change="details_changed",
                shop_name="云锦百货",
                country="CN",
                registration_number=chinese_registration(rng),
                phone="+86 138 0000 1234",
                locale="zh-CN",
            ),
        ],
        "ip-reports": [
            IpReport(
                report_id="r-0000311",
                seller_id="s-000042",
                listing_id="l-0000917",
                reporter_id="rh-nike",
                reporter_role="rights_holder",
                brand_id="nike",
                ground="counterfeit",
                statement="당사는 상표의 권리자이며 본 상품은 당사 제품이 아닙니다. 판매를 멈춰 주세요.",
                listing=ListingSnapshot(title="나이키 미러급 에어 운동화 260~280", category="shoes", version=1),
                locale="ko-KR",
            ),
            IpReport(
                report_id="r-0000312",
                seller_id="s-000042",
                listing_id="l-0000917",
                reporter_id="b-002718",
                reporter_role="buyer",
                ground="counterfeit",
                statement="The stitching is off and there is no certificate. I think it is fake.",
                listing=ListingSnapshot(title="나이키 미러급 에어 운동화 260~280"),
                locale="en-US",
            ),
        ],
        "moderator-decisions": [
            ModeratorDecision(
                seller_id="s-000042",
                case_id="s-000042/l-0000917/1",
                case_version=1,
                action="uphold",
                moderator_id="m-07",
                reason="Test purchase confirms the report.",
            ),
            ModeratorDecision(
                seller_id="s-000042",
                case_id="s-000042/l-0000917/1",
                case_version=2,
                action="reassign",
                moderator_id="m-07",
                reason="Needs someone who reads Chinese.",
                assignee="m-13",
            ),
        ],
        "rescans": [
            Rescan(seller_id="s-000043", listing_id="l-0000921", version=1, brand_id="velmora", registry_version=3),
        ],
        "brands": [brands["nike"], brands["coach"]],
        "images": [
            Image(
                image_id="img-000001",
                hash="f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22",
                kind="counterfeit",
                brand_id="nike",
                source="s-000007/l-0000031/1",
            ),
        ],
        "control": [
            Control(kind="mode", mode="review_only", by="m-01"),
            Control(kind="mode", mode="enforce", by="m-01"),
        ],
    }
