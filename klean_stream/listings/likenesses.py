"""What a listing resembles: a title that was taken down, pictures of the bank."""

from klean_stream.decision import Context
from klean_stream.events import Finding, Listing
from klean_stream.likeness import BankImage, fingerprint
from klean_stream.moderation.case_ids import case_prefix

_MAX_IMAGES = 10
_ALL_BITS = 256


def find_relisting(event: Listing, context: Context) -> tuple[Finding, ...]:
    """Give a finding that names the case whose title this one repeats most, if there is one.

    A listing does not repeat itself: what its own cases took down is passed over.
    """
    known = context.known
    # Where nothing was taken down, nothing is made that nothing would be compared with.
    made = fingerprint(event.title) if known.taken_down_version else None
    if made is None:
        return ()
    found = known.taken_down.find(
        made,
        version=known.taken_down_version,
        now=context.now,
        thousandths=context.policy.relisting.similarity_thousandths,
        but=case_prefix(event.seller_id, event.listing_id),
    )
    if found is None:
        return ()
    similarity, case_id = found
    return (
        Finding(
            kind="relisting",
            technique="near_duplicate",
            field="title",
            confidence=similarity,
            tier="review",
            refers_to=case_id,
        ),
    )


def find_known_images(event: Listing, context: Context) -> tuple[Finding, ...]:
    """Give a finding for each picture of the bank that is one of the listing's, at most ten.

    Known counterfeits come first, then the nearest. A rights holder's own picture says nothing of a seller who is
    authorised for the brand.
    """
    known, distance = context.known, context.policy.images.distance
    nearest: dict[str, tuple[int, BankImage]] = {}
    for image_hash in dict.fromkeys(event.image_hashes) if known.images_version else ():
        for away, image in known.images.find(image_hash, known.images_version, distance):
            if image.image_id not in nearest or away < nearest[image.image_id][0]:
                nearest[image.image_id] = away, image
    found = sorted(nearest.values(), key=lambda one: (one[1].kind != "counterfeit", one[0], one[1].image_id))
    return tuple(
        Finding(
            kind="image",
            technique=f"{image.kind}_image",
            brand_id=image.brand_id,
            field="image_hashes",
            confidence=(_ALL_BITS - away) * 1_000 // _ALL_BITS,
            tier="review",
            disposition="authorised_seller" if _may_use(event.seller_id, image, context) else "counts",
            refers_to=image.image_id,
        )
        for away, image in found[:_MAX_IMAGES]
    )


def _may_use(seller_id: str, image: BankImage, context: Context) -> bool:
    brand = None if image.brand_id is None else context.registry.brand(image.brand_id)
    return image.kind == "brand" and brand is not None and seller_id in brand.authorised_sellers
