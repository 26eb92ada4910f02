"""The image that a server starts from: what the catalogue offers, redirects, and the policy of tags."""

from __future__ import annotations

from sqlalchemy.orm import Session

from orrery_hub.pools import errors, store
from orrery_hub.pools.kinds import follow_redirects
from orrery_hub.pools.patterns import is_whole_match
from orrery_hub.pools.schemas import ProfileSpec
from orrery_hub.pools.store import ImageRow
from orrery_wire.pools import ImageChoice, LaunchOptions


def offered(session: Session) -> tuple[ImageChoice, ...]:
    """The images that can be chosen: neither hidden nor leading to another."""
    return tuple(
        ImageChoice(
            slug=row.slug,
            name=row.name,
            description=row.description,
            labels=row.labels,
            tag=row.digest or row.tag or "latest",
            tag_pattern=row.tag_pattern,
        )
        for row in store.every(session, ImageRow)
        if not row.is_hidden and not row.redirect_to
    )


def slugs_for(session: Session, spec: ProfileSpec) -> tuple[str, ...]:
    """The images of a profile that can be chosen."""
    present = [choice.slug for choice in offered(session)]
    return tuple(slug for slug in present if not spec.images or slug in spec.images)


def resolve(session: Session, spec: ProfileSpec, options: LaunchOptions) -> str:
    """The reference of the image of a server; empty if the catalogue is.

    Raises:
        OrreryError: the image or the tag cannot be chosen.
    """
    choices = slugs_for(session, spec)
    slug = options.image or spec.default_image or next(iter(choices), "")
    if not slug:
        return ""
    image = store.find(session, ImageRow, slug)
    if image is None or (spec.images and slug not in spec.images):
        raise errors.invalid_options(f"This profile has no image {slug!r}.")
    target = follow_redirects(session, slug, set())
    if target is None or (
        target.is_hidden and not image.redirect_to and slug != spec.default_image
    ):
        raise errors.invalid_options(f"The image {slug!r} is not offered any more.")
    # A tag is of the image that was chosen; another image may not have it.
    tag = options.tag if target is image else ""
    if not tag or tag == target.tag:
        return _reference(target, target.tag, target.digest)
    # The whole tag: `re.match` would take any that begins with an allowed one.
    if not target.tag_pattern or not _matches(target.tag_pattern, tag):
        raise errors.invalid_options(f"The tag {tag!r} of the image {slug!r} cannot be chosen.")
    return _reference(target, tag, "")


def _matches(pattern: str, tag: str) -> bool:
    try:
        return is_whole_match(pattern, tag)
    except ValueError:
        raise errors.invalid_options(
            "The image's pattern of tags cannot be used; an administrator has to correct it."
        ) from None


def _reference(image: ImageRow, tag: str, digest: str) -> str:
    return f"{image.reference}@{digest}" if digest else f"{image.reference}:{tag or 'latest'}"
