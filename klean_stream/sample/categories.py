"""The shelves of the sample marketplace: what is sold there, in three languages, and for how much.

Nothing on a shelf is a brand's name: the honest listings are made of these words, and a test holds them
against the registry. Prices are in won and go with goods that nobody knows by name.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["ko", "en", "zh"]


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf: the slug that listings carry, its class of the Nice Classification, its goods and prices."""

    slug: str
    nice_class: int
    lowest: int
    highest: int
    goods: dict[Language, tuple[str, ...]]


def _shelf(slug: str, nice_class: int, prices: tuple[int, int], ko: str, en: str, zh: str) -> Category:
    goods: dict[Language, tuple[str, ...]] = {
        "ko": tuple(ko.split(", ")),
        "en": tuple(en.split(", ")),
        "zh": tuple(zh.split(", ")),
    }
    return Category(slug, nice_class, *prices, goods)


CATEGORIES: dict[str, Category] = {
    category.slug: category
    for category in (
        _shelf(
            "apparel", 25, (9_900, 89_000),
            "린넨 와이드 팬츠, 오버핏 반팔 티셔츠, 골지 니트 가디건, 코튼 셔츠 원피스, 경량 패딩 조끼, 기모 후드집업",
            "linen wide-leg trousers, oversized cotton T-shirt, ribbed knit cardigan, shirt dress, quilted vest",
            "亚麻阔腿裤, 宽松短袖T恤, 针织开衫, 衬衫连衣裙, 轻薄羽绒马甲, 加绒卫衣",
        ),
        _shelf(
            "shoes", 25, (14_900, 79_000),
            "메쉬 운동화, 통굽 로퍼, 여름 샌들, 발편한 단화, 방한 부츠, 실내화",
            "mesh running trainers, platform loafers, strappy sandals, slip-on flats, lined winter boots",
            "网面运动鞋, 厚底乐福鞋, 夏季凉鞋, 平底单鞋, 加绒雪地靴, 居家拖鞋",
        ),
        _shelf(
            "bags", 18, (12_900, 99_000),
            "캔버스 에코백, 미니 크로스백, 여행용 보스턴백, 노트북 백팩, 지퍼 반지갑, 숄더백",
            "canvas tote bag, mini crossbody bag, weekender duffel, laptop backpack, zip wallet, shoulder bag",
            "帆布托特包, 迷你斜挎包, 旅行手提袋, 双肩电脑包, 短款钱包, 单肩包",
        ),
        _shelf(
            "sportswear", 25, (11_900, 59_000),
            "요가 레깅스, 기능성 반팔, 트레이닝 팬츠, 래쉬가드, 바람막이 집업",
            "yoga leggings, quick-dry training tee, jogger pants, rash guard, windbreaker",
            "瑜伽裤, 速干运动短袖, 训练长裤, 防晒泳衣, 运动风衣",
        ),
        _shelf(
            "outdoor", 22, (15_900, 190_000),
            "원터치 텐트, 캠핑 의자, 3계절 침낭, 접이식 테이블, 방수 타프, LED 랜턴",
            "pop-up tent, folding camp chair, three-season sleeping bag, roll-top table, tarp shelter",
            "速开帐篷, 露营折叠椅, 三季睡袋, 蛋卷桌, 防水天幕, 露营灯",
        ),
        _shelf(
            "watches", 14, (15_900, 129_000),
            "미니멀 손목시계, 가죽 밴드 시계, 커플 시계, 쿼츠 여성 시계, 다이버 스타일 시계",
            "minimalist wrist watch, leather strap watch, couple watch set, ladies quartz watch, dive-style watch",
            "简约手表, 皮带腕表, 情侣对表, 女士石英表, 潜水款手表",
        ),
        _shelf(
            "jewellery", 14, (5_900, 89_000),
            "925 실버 목걸이, 담수 진주 귀걸이, 14K 도금 반지, 큐빅 팔찌, 이니셜 펜던트",
            "sterling silver necklace, freshwater pearl earrings, gold-plated ring, tennis bracelet, initial pendant",
            "925银项链, 淡水珍珠耳环, 镀金戒指, 锆石手链, 字母吊坠",
        ),
        _shelf(
            "eyewear", 9, (7_900, 49_000),
            "뿔테 안경, 편광 선글라스, 블루라이트 차단 안경, 스포츠 고글",
            "tortoiseshell glasses, polarised sunglasses, blue light glasses, cycling goggles",
            "板材眼镜框, 偏光太阳镜, 防蓝光眼镜, 骑行护目镜",
        ),
        _shelf(
            "skincare", 3, (5_900, 39_000),
            "수분 진정 크림, 비타민C 앰플, 어성초 토너, 약산성 클렌징폼, 콜라겐 마스크팩 10매",
            "soothing gel cream, vitamin C serum, heartleaf toner, low pH cleanser, collagen sheet masks 10 pcs",
            "保湿舒缓面霜, 维C精华液, 鱼腥草爽肤水, 弱酸性洁面乳, 胶原蛋白面膜10片",
        ),
        _shelf(
            "makeup", 3, (4_900, 29_000),
            "벨벳 립 틴트, 커버 쿠션, 펜슬 아이라이너, 컬링 마스카라, 8구 섀도우 팔레트",
            "velvet lip tint, cushion foundation, pencil eyeliner, curling mascara, eyeshadow palette",
            "丝绒唇釉, 遮瑕气垫, 眼线笔, 卷翘睫毛膏, 八色眼影盘",
        ),
        _shelf(
            "fragrance", 3, (9_900, 59_000),
            "우디 퍼퓸 50ml, 섬유 향수, 고체 향수, 비누향 오드뚜왈렛, 디퓨저 세트",
            "woody eau de parfum 50 ml, linen mist, solid perfume, fresh cotton eau de toilette, reed diffuser set",
            "木质调香水50ml, 衣物香氛喷雾, 固体香膏, 皂感淡香水, 无火香薰套装",
        ),
        _shelf(
            "haircare", 3, (5_900, 49_000),
            "두피 탈모완화 샴푸, 단백질 트리트먼트, 헤어 에센스, 무선 고데기, 쿠션 빗",
            "scalp care shampoo, protein hair mask, hair oil, cordless straightener, paddle brush",
            "控油洗发水, 蛋白发膜, 护发精油, 无线直发器, 气垫梳",
        ),
        _shelf(
            "household", 3, (3_900, 29_000),
            "드럼 세탁세제 3L, 주방세제 리필, 섬유유연제, 욕실 세정제, 캡슐 세제 60개",
            "liquid laundry detergent 3 L, dish soap refill, fabric softener, bathroom cleaner, laundry pods 60 ct",
            "洗衣液3L, 洗洁精补充装, 衣物柔顺剂, 浴室清洁剂, 洗衣凝珠60颗",
        ),
        _shelf(
            "smartphones", 9, (9_900, 290_000),
            "자급제 알뜰 스마트폰, 효도 폴더폰, 공기계 64GB, 어린이 키즈폰",
            "unlocked budget phone, senior flip phone, rugged smartphone 64 GB, kids phone",
            "全网通入门手机, 老人翻盖机, 三防手机64G, 儿童电话手机",
        ),
        _shelf(
            "audio", 9, (9_900, 99_000),
            "블루투스 무선 이어폰, 노이즈캔슬링 헤드폰, 휴대용 스피커, 사운드바, 유선 이어폰",
            "true wireless earbuds, noise cancelling headphones, portable speaker, soundbar, wired earphones",
            "蓝牙无线耳机, 降噪头戴耳机, 便携音箱, 回音壁, 有线耳机",
        ),
        _shelf(
            "computers", 9, (8_900, 390_000),
            "무선 저소음 마우스, 기계식 키보드, 27인치 모니터, USB-C 허브, 노트북 거치대",
            "silent wireless mouse, mechanical keyboard, 27-inch monitor, USB-C hub, laptop stand",
            "静音无线鼠标, 机械键盘, 27英寸显示器, USB-C扩展坞, 笔记本支架",
        ),
        _shelf(
            "cameras", 9, (12_900, 190_000),
            "여행용 삼각대, 브이로그 카메라, 카메라 스트랩, LED 조명, 액션캠 방수팩",
            "travel tripod, vlog camera, camera strap, LED fill light, waterproof action camera",
            "旅行三脚架, 入门数码相机, 相机背带, 补光灯, 防水运动相机",
        ),
        _shelf(
            "gaming", 28, (9_900, 129_000),
            "게이밍 패드, 레트로 게임기, 게임 의자, 아케이드 스틱",
            "wireless game controller, retro handheld console, gaming chair, arcade stick",
            "游戏手柄, 复古掌机, 电竞椅, 街机摇杆",
        ),
        _shelf(
            "appliances", 7, (19_900, 290_000),
            "무선 핸디 청소기, 에어프라이어 5L, 탁상용 선풍기, 미니 제습기, 전기 면도기, 전기포트",
            "cordless handheld vacuum, air fryer 5 L, desk fan, mini dehumidifier, electric shaver, electric kettle",
            "无线手持吸尘器, 空气炸锅5L, 桌面风扇, 小型除湿机, 电动剃须刀, 电热水壶",
        ),
        _shelf(
            "kitchen", 21, (4_900, 79_000),
            "스텐 텀블러 500ml, 인덕션 냄비 세트, 밀폐용기 12종, 논스틱 프라이팬, 과도 세트",
            "steel tumbler 500 ml, induction saucepan set, food containers 12 pcs, non-stick frying pan, knife set",
            "不锈钢保温杯500ml, 电磁炉汤锅套装, 密封保鲜盒12件, 不粘煎锅, 水果刀套装",
        ),
        _shelf(
            "home", 24, (7_900, 99_000),
            "호텔 수건 10장, 극세사 이불, 암막 커튼, 메모리폼 베개, 거실 러그",
            "cotton bath towels, microfibre duvet, blackout curtains, memory foam pillow, living room rug",
            "纯棉毛巾10条, 超细纤维被, 遮光窗帘, 记忆棉枕头, 客厅地毯",
        ),
        _shelf(
            "tools", 8, (6_900, 149_000),
            "충전 드릴 세트, 렌치 세트, 레벨기 수평계, 공구함, 전동 드라이버",
            "cordless drill set, socket wrench set, spirit level, tool box, electric screwdriver",
            "充电钻套装, 套筒扳手, 水平尺, 工具箱, 电动螺丝刀",
        ),
        _shelf(
            "car-parts", 12, (5_900, 119_000),
            "차량용 방향제, 와이퍼 블레이드, 트렁크 정리함, 에어컨 필터, 통풍 시트 커버",
            "car air freshener, wiper blades, trunk organiser, cabin air filter, seat cover",
            "车载香薰, 雨刮片, 后备箱收纳箱, 空调滤芯, 汽车座套",
        ),
        _shelf(
            "lubricants", 4, (6_900, 49_000),
            "합성 엔진오일 5W-30, 체인 윤활제, 미션오일 1L, 방청 스프레이",
            "synthetic engine oil 5W-30, chain lube, gear oil 1 L, rust spray",
            "全合成机油5W-30, 链条润滑油, 变速箱油1L, 防锈喷雾",
        ),
        _shelf(
            "bicycles", 12, (8_900, 390_000),
            "접이식 자전거, 자전거 헬멧, 전조등 후미등 세트, 젤 안장, 펌프",
            "folding bike, bike helmet, bicycle light set, gel saddle, floor pump",
            "折叠自行车, 骑行头盔, 车灯套装, 硅胶坐垫, 打气筒",
        ),
        _shelf(
            "toys", 28, (4_900, 59_000),
            "원목 블록 100조각, 인형 놀이 세트, 무선조종 자동차, 직소 퍼즐 500피스, 슬라임 키트",
            "wooden blocks 100 pcs, doll house set, remote control car, jigsaw puzzle 500 pieces, slime kit",
            "木制积木100块, 过家家玩具, 遥控车, 拼图500片, 史莱姆套装",
        ),
        _shelf(
            "sports-gear", 28, (7_900, 149_000),
            "배드민턴 라켓 세트, 골프공 24구, 요가 매트, 덤벨 5kg, 낚시 릴",
            "badminton racket set, golf balls 24 pcs, yoga mat, dumbbell 5 kg, fishing reel",
            "羽毛球拍套装, 高尔夫球24粒, 瑜伽垫, 哑铃5kg, 渔线轮",
        ),
        _shelf(
            "baby", 5, (6_900, 290_000),
            "신생아 기저귀 60매, 아기띠, 휴대용 유모차, 젖병 세트, 물티슈 10팩",
            "newborn nappies 60 ct, baby carrier, travel stroller, bottle set, baby wipes 10 packs",
            "新生儿纸尿裤60片, 婴儿背带, 轻便推车, 奶瓶套装, 湿巾10包",
        ),
        _shelf(
            "pets", 31, (3_900, 69_000),
            "강아지 사료 5kg, 고양이 모래, 동결건조 간식, 캣타워, 산책 하네스",
            "dog food 5 kg, cat litter, freeze-dried treats, cat tree, walking harness",
            "狗粮5kg, 猫砂, 冻干零食, 猫爬架, 牵引背带",
        ),
        _shelf(
            "stationery", 16, (1_900, 39_000),
            "만년 다이어리, 젤펜 10색, 고급 만년필, 스티커 세트, A5 노트 5권",
            "undated planner, gel pens 10 colours, fountain pen, sticker set, A5 notebooks",
            "空白手账本, 中性笔10色, 钢笔, 贴纸套装, A5笔记本5本",
        ),
        _shelf(
            "books", 16, (6_900, 39_000),
            "초등 수학 문제집, 여행 에세이, 유아 그림책 10권, 한식 요리책, 영어 단어장",
            "picture book for toddlers, travel essays, home cooking book, maths workbook, crime novel",
            "儿童绘本10册, 旅行随笔, 家常菜谱, 小学数学练习册, 英语单词书",
        ),
        _shelf(
            "food", 30, (2_900, 49_000),
            "수제 쿠키 선물세트, 얼큰 라면 20봉, 국산 참깨, 견과류 30봉, 초코 비스킷",
            "butter cookie gift box, spicy instant noodles 20 packs, sesame seeds, mixed nuts, chocolate biscuits",
            "手工曲奇礼盒, 辣味方便面20包, 黑芝麻, 混合坚果30包, 巧克力饼干",
        ),
        _shelf(
            "coffee", 30, (5_900, 39_000),
            "원두 1kg 당일 로스팅, 드립백 30개입, 캡슐 커피 50개, 얼그레이 티백",
            "whole bean coffee 1 kg, drip bags 30 pcs, coffee capsules 50 pcs, Earl Grey tea bags",
            "现烘咖啡豆1kg, 挂耳咖啡30包, 胶囊咖啡50颗, 伯爵红茶包",
        ),
        _shelf(
            "drinks", 32, (4_900, 39_000),
            "탄산수 500ml 20병, 제로 콜라맛 음료 24캔, 유자청 1kg, 에너지 음료 30캔",
            "sparkling water 20 bottles, sugar-free cola drink 24 cans, yuzu syrup 1 kg, energy drink 30 cans",
            "气泡水20瓶, 无糖可乐味汽水24罐, 柚子茶1kg, 能量饮料30罐",
        ),
        _shelf(
            "health", 5, (9_900, 89_000),
            "6년근 홍삼정 240g, 유산균 60포, 오메가쓰리 180캡슐, 콜라겐 젤리",
            "red ginseng extract 240 g, probiotics 60 sachets, fish oil 180 capsules, collagen jelly",
            "六年根红参浓缩液240g, 益生菌60袋, 深海鱼油180粒, 胶原蛋白果冻",
        ),
        _shelf(
            "music", 15, (19_900, 390_000),
            "입문용 통기타, 61건반 키보드, 우쿨렐레, 칼림바, 하모니카",
            "beginner acoustic guitar, 61-key keyboard, ukulele, kalimba, harmonica",
            "入门民谣吉他, 61键电子琴, 尤克里里, 拇指琴, 口琴",
        ),
    )
}
