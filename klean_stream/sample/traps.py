"""Titles that name a brand, or seem to, and are lawful: compatible accessories and everyday words.

A matcher that takes these down is wrong. ``{3-12}`` is a number from 3 to 12 that changes from listing to
listing.
"""

from klean_stream.sample.categories import Language

# (shelf, title)
Trap = tuple[str, str]

COMPATIBLE: dict[Language, tuple[Trap, ...]] = {
    "ko": (
        ("appliances", "다이슨 V{8-15} 호환 헤파 필터 2개입"),
        ("appliances", "로보락 S{5-8} 호환 사이드 브러시 세트"),
        ("appliances", "쿠쿠 {6-10}인용 밥솥용 호환 고무패킹"),
        ("smartphones", "아이폰 {12-17} 투명 범퍼 케이스"),
        ("smartphones", "갤럭시 S{21-26} 강화유리 필름 삼성 호환"),
        ("audio", "에어팟 {2-4}세대용 실리콘 케이스 키링"),
        ("computers", "LG 노트북 호환 {45-100}W 충전 어댑터"),
        ("gaming", "닌텐도 스위치용 조이콘 충전 거치대 {2-4}구"),
        ("coffee", "네스프레소 머신에 쓰는 재사용 캡슐 {2-10}개"),
        ("car-parts", "현대자동차 아반떼용 {4-7}세대 트렁크 매트"),
        ("watches", "애플 워치 호환 밀라니즈 스트랩 {38-49}mm"),
        ("tools", "마끼다 18V 배터리 호환 벽걸이 거치대 {2-6}구"),
        ("toys", "레고 호환 블록 조립 받침판 {2-12}장"),
        ("cameras", "캐논 배터리 호환 듀얼 충전기 {2-4}종"),
    ),
    "en": (
        ("smartphones", "Clear case for iPhone {12-17}, shockproof"),
        ("smartphones", "Screen protector compatible with Samsung Galaxy S{21-26}"),
        ("appliances", "Replacement filter fits Dyson V{8-15} cordless vacuum"),
        ("appliances", "Brush heads compatible with Oral-B handles, {4-16} pack"),
        ("appliances", "Side brushes for Roborock S{5-8}, set of 4"),
        ("audio", "Silicone ear tips for AirPods Pro, {2-6} pairs"),
        ("computers", "{45-100} W charger compatible with Lenovo and Dell laptops"),
        ("gaming", "Carry case for Nintendo Switch with {8-24} card slots"),
        ("coffee", "Refillable capsules for Nespresso machines, {3-12} pcs"),
        ("car-parts", "Floor mats to fit Toyota Corolla, set of {2-5}"),
        ("tools", "Wall mount for {2-6} Makita 18V batteries"),
        ("cameras", "Lens hood for Nikon 18-{55-140}mm lenses"),
        ("watches", "Nylon band compatible with Apple Watch {38-49}mm"),
        ("stationery", "Ink converter that fits LAMY fountain pens, {2-10} pcs"),
    ),
    "zh": (
        ("appliances", "适用于戴森V{8-15}滤网 可水洗"),
        ("appliances", "适配石头科技扫地机边刷 {2-8}只装"),
        ("appliances", "适用飞利浦剃须刀刀头 {2-6}个装"),
        ("smartphones", "适用苹果手机{12-17}保护壳 防摔透明"),
        ("smartphones", "适用于华为P{40-70}钢化膜 全屏"),
        ("smartphones", "小米{10-16}手机壳 硅胶防摔"),
        ("audio", "适用AirPods {2-4}代耳机保护套"),
        ("computers", "适用联想笔记本充电器{45-100}W"),
        ("gaming", "适用任天堂Switch收纳包 {8-24}卡位"),
        ("coffee", "兼容Nespresso咖啡机胶囊壳 {3-12}个"),
        ("car-parts", "适用于大众汽车脚垫 全包围{3-7}件套"),
        ("cameras", "适用佳能相机电池充电器 {2-4}槽"),
        ("tools", "适配牧田18V电池转换座 {1-3}个"),
        ("toys", "兼容乐高小颗粒积木底板 {2-12}片"),
    ),
}

COMMON_WORDS: dict[Language, tuple[Trap, ...]] = {
    "ko": (
        ("apparel", "다크 브라운 니트 가디건 {2-5}컬러"),
        ("apparel", "여성 롱 파카 겨울 패딩 {1-3}호"),
        ("apparel", "폴로 셔츠 카라티 반팔 {3-8}color"),
        ("tools", "레이저 거리 측정기 {20-100}m"),
        ("books", "취업 코치가 쓴 면접 책 {2-9}쇄"),
        ("books", "갭이어 준비 노트 {4-52}주 플래너"),
        ("toys", "신생아 흑백 모빌 {3-8}종 세트"),
        ("toys", "야구 안타 보드게임 {2-6}인용"),
        ("car-parts", "디젤 차량용 연료 첨가제 {200-500}ml"),
        ("home", "선박 앵커 무늬 러그 {90-200}cm"),
        ("food", "오메가3 들깨 기름 {150-300}ml"),
        ("pets", "자라 거북이 사료 {50-400}g"),
        ("car-parts", "운전석 앞 펜더 보호 몰딩 {2-4}P"),
        ("books", "드론 파일럿 자격증 문제집 {2-9}판"),
    ),
    "en": (
        ("drinks", "Cloudy apple juice, {2-12} x 1 litre"),
        ("food", "Dried apple rings, {50-400} g bag"),
        ("toys", "Tin toy coach bus, {8-24} cm, wind-up"),
        ("books", "Gap year planner with {60-200} travel pages"),
        ("home", "Mind the gap: draught stopper for doors, {80-110} cm"),
        ("toys", "Puma and lion animal figures, {2-12} pcs"),
        ("apparel", "Men's plain polo shirt, pack of {2-5}"),
        ("home", "White dove wall sticker, {3-12} pcs"),
        ("books", "Tide tables and coastal walks, volume {1-9}"),
        ("jewellery", "Real sea shell necklace, {38-60} cm"),
        ("sports-gear", "Archery target paper, {10-100} sheets"),
        ("books", "Piano canon in D, easy sheet music, grade {1-6}"),
        ("food", "Orion nebula star cookies, {12-60} pcs"),
        ("home", "Omega symbol cookie cutter, {5-12} cm"),
        ("books", "Citizen science field guide, {4-9}th edition"),
        ("toys", "Cuckoo clock wooden kit, {30-150} parts"),
        ("tools", "Diesel fuel siphon hose, {2-5} m"),
        ("books", "The pilot's log book, {80-200} pages"),
    ),
    "zh": (
        ("food", "烟台红富士苹果 {3-10}斤装 脆甜"),
        ("food", "有机黄小米 {2-10}斤 农家杂粮"),
        ("coffee", "哥伦比亚咖啡豆 {200-500}克 中度烘焙"),
        ("books", "冠军训练法 体能书 第{2-6}版"),
        ("toys", "恐龙猛犸象模型 {2-8}只装"),
        ("books", "潘多拉的盒子 童话绘本 {3-10}册"),
        ("books", "青少年英语 gap year 指南 {12-48}课"),
        ("toys", "polo马术玩偶摆件 {10-30}cm"),
        ("home", "小鹰刺绣抱枕套 {40-60}cm"),
        ("food", "苹果干 无添加 {100-500}克"),
    ),
}
