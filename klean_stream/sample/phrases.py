"""What the sellers of the sample marketplace write, in three languages.

Titles are made of these pieces, descriptions of these sentences. The wording is the project's own.
"""

from klean_stream.sample.categories import Language

Phrases = dict[Language, tuple[str, ...]]

BEFORE: Phrases = {
    "ko": ("[당일발송]", "[1+1]", "[무료배송]", "국내산", "고급", "신상", "가성비", "데일리", "대용량", "가벼운"),
    "en": ("New", "Lightweight", "Premium", "Everyday", "Large", "Handmade", "Eco-friendly", "Portable", "Soft"),
    "zh": ("新款", "家用", "高品质", "轻便", "大容量", "学生", "ins风", "现货", "加厚", "简约"),
}
AFTER: Phrases = {
    "ko": (
        "남녀공용", "봄 가을용", "블랙 화이트 2컬러", "선물 포장 가능", "사무실 집들이 선물", "국내배송",
        "초보자용", "S~XL", "세트 구성", "리필 포함", "특가", "베이지 네이비",
    ),
    "en": (
        "for men and women", "gift boxed", "black or white", "for home and office", "ships today", "set of 2",
        "easy to clean", "for beginners", "sizes S to XL", "2-pack", "navy or beige", "great value",
    ),
    "zh": (
        "男女通用", "春秋款", "黑白两色", "送礼礼盒装", "居家办公", "当天发货", "新手适用", "S-XL码", "两件装",
        "易清洗", "超值特惠", "藏青米色",
    ),
}
STORY: Phrases = {
    "ko": (
        "주문 후 1~2일 안에 출고되며 제주·도서산간은 추가 배송비가 있습니다.",
        "부드러운 소재라 매일 쓰기 좋고 세탁 후에도 형태가 잘 유지돼요.",
        "저희 공장에서 직접 만들어 중간 마진 없이 판매합니다.",
        "색상은 모니터에 따라 조금 다르게 보일 수 있어요.",
        "수령 후 7일 이내 교환·반품 가능합니다. 단순 변심은 왕복 배송비가 발생합니다.",
        "실측 사이즈는 재는 방법에 따라 1~3cm 오차가 있을 수 있습니다.",
        "부모님과 친구에게 선물하기 좋은 구성으로 준비했습니다.",
        "문의는 톡톡으로 남겨 주시면 빠르게 답변드릴게요.",
    ),
    "en": (
        "Packed by our small family team and sent within one working day.",
        "Soft to the touch, easy to wash, and it keeps its shape.",
        "We make these in our own workshop, so you pay no middleman.",
        "Colours may look slightly different on your screen.",
        "Returns are accepted within 14 days of arrival.",
        "Measured flat by hand; please allow one or two centimetres.",
        "A thoughtful present for a friend who has everything.",
        "Ask us anything before you order, we answer the same day.",
    ),
    "zh": (
        "下单后48小时内发货，偏远地区请先咨询客服。",
        "面料柔软亲肤，机洗不易变形。",
        "自家工厂生产，没有中间商赚差价。",
        "因显示器不同，颜色可能略有差异，以实物为准。",
        "支持七天无理由退换，来回运费买家承担。",
        "手工测量，误差一到三厘米属正常范围。",
        "送长辈送朋友都很合适，附赠手提袋。",
        "有任何问题请联系在线客服。",
    ),
}
OFFICIAL_BEFORE: Phrases = {
    "ko": ("[공식]", "[본사 직영]", "[공식스토어]", "[백화점 정품]"),
    "en": ("Official", "Authentic", "Brand store:", "New season"),
    "zh": ("【官方】", "【旗舰店】", "【专柜正品】", "官方直营"),
}
OFFICIAL_STORY: Phrases = {
    "ko": (
        "본 상품은 브랜드와 계약한 공식 판매처의 정품이며 국내 A/S가 가능합니다.",
        "정품 보증서와 브랜드 패키지가 함께 발송됩니다.",
    ),
    "en": (
        "Sold by the brand's authorised store, with the full manufacturer's warranty.",
        "Arrives in the original box with its certificate.",
    ),
    "zh": ("品牌授权店铺，全国联保，支持专柜验货。", "附品牌包装与保修卡，可开发票。"),
}
FAKE_WORDS: Phrases = {
    "ko": ("미러급", "레플리카", "이미테이션", "정품급", "S급", "SA급", "1:1 제작", "로스", "최상급 커스텀"),
    "en": ("replica", "mirror quality", "1:1", "AAA quality", "super clone", "first copy", "rep", "UA batch"),
    "zh": ("高仿", "复刻", "精仿", "A货", "顶级复刻", "超A", "一比一", "原单", "尾单"),
}
FAKE_STORY: Phrases = {
    "ko": (
        "정품과 나란히 두어도 구분이 어려운 퀄리티입니다. 검수 사진은 톡으로 보내드려요.",
        "로고와 각인, 더스트백까지 동일하게 구성됩니다. 세관 문제 시 재발송 해드립니다.",
        "매장 정품 아닙니다. 아시는 분만 구매해 주세요.",
    ),
    "en": (
        "Same factory, same materials, you will not tell the difference. Box and papers included.",
        "Logo, stamp and dust bag exactly like the store. Reshipped for free if customs stops it.",
        "Not from the boutique, for those who know. Message us for quality check photos.",
    ),
    "zh": (
        "和专柜一模一样，支持对比，细节图加微信看。",
        "五金刻字、防尘袋齐全，海关扣了免费补发。",
        "不是专柜货，懂的来，量大从优。",
    ),
}
QUIET_STORY: Phrases = {
    "ko": ("사이즈와 컬러는 문의 주세요.", "해외 공장 직배송이라 10일 정도 걸립니다."),
    "en": ("Ask for sizes and colours.", "Ships from our overseas warehouse in about ten days."),
    "zh": ("尺码颜色请私聊。", "工厂直发，大约十天到货。"),
}
USED_BEFORE: Phrases = {
    "ko": ("[중고]", "한번 착용", "상태 좋은", "병행수입"),
    "en": ("Pre-owned", "Worn once:", "Second-hand", "Parallel import"),
    "zh": ("二手", "闲置转让", "仅试穿", "平行进口"),
}
USED_STORY: Phrases = {
    "ko": ("매장에서 직접 구매했고 영수증 있습니다.", "생활 기스 조금 있어요. 직거래 가능합니다."),
    "en": ("Bought in the shop two years ago, receipt included.", "Light signs of wear, see the photos."),
    "zh": ("专柜购入，小票还在。", "轻微使用痕迹，介意勿拍。"),
}
UPDATE_SUFFIX: Phrases = {
    "ko": ("주말특가", "재입고", "마감임박", "쿠폰할인"),
    "en": ("weekend sale", "back in stock", "last pieces", "price drop"),
    "zh": ("限时特价", "补货到店", "最后几件", "领券立减"),
}
LATIN_GOODS: tuple[str, ...] = ("classic", "2024", "pro", "limited", "mini", "essential", "original", "light")
