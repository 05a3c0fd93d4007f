"""What a reporter is told, in English and Korean: that the report came in, and what came of it."""

from klean_stream.events.outputs import ReportResult

_TEXTS: dict[ReportResult, tuple[str, str]] = {
    "received": (
        "We received your report {report} about listing {listing}. Our answer follows within {hours} h.",
        "상품 {listing}에 대한 신고({report})가 접수되었습니다. {hours}시간 이내에 답변드리겠습니다.",
    ),
    "taken_down": (
        "Listing {listing}, which you reported ({report}), was taken down. Thank you.",
        "신고({report})하신 상품 {listing}의 판매가 중단되었습니다. 감사합니다.",
    ),
    "no_infringement": (
        (
            "A person reviewed your report {report} about listing {listing} and found no "
            "infringement. You may report it again with further evidence, or go to court."
        ),
        (
            "담당자가 상품 {listing}에 대한 신고({report})를 검토한 결과 침해가 확인되지 않았습니다. "
            "추가 증거와 함께 다시 신고하거나 법원에 소를 제기할 수 있습니다."
        ),
    ),
    "more_information_needed": (
        (
            "We cannot yet decide on your report {report} about listing {listing}. Please send us evidence "
            "of the right and of the infringement within {hours} h."
        ),
        (
            "상품 {listing}에 대한 신고({report})를 판단하기 위해 추가 정보가 필요합니다. "
            "{hours}시간 이내에 권리 및 침해에 대한 증거를 보내 주시기 바랍니다."
        ),
    ),
    "joined": (
        (
            "Many people reported listing {listing}. Your report {report} was joined to their case, which a "
            "person reviews; you will not be written to again."
        ),
        (
            "상품 {listing}에 대한 다수의 신고가 있어 귀하의 신고({report})를 기존 사건에 병합하였습니다. "
            "담당자가 검토하며, 별도의 추가 안내는 드리지 않습니다."
        ),
    ),
    "withdrawn": (
        "Listing {listing}, which you reported ({report}), is no longer on offer.",
        "신고({report})하신 상품 {listing}은(는) 더 이상 판매되지 않습니다.",
    ),
}


def reply(result: ReportResult, *, report_id: str, listing_id: str, hours: int) -> dict[str, str]:
    """Give the text for a reporter by language; ``hours`` is how long the answer may take, theirs or ours."""
    return {
        language: text.format(report=report_id, listing=listing_id, hours=hours)
        for language, text in zip(("en", "ko"), _TEXTS[result], strict=True)
    }
