"""Which media of a bulletin a kind of channel takes as files, and what would make the others fit. Pure functions.

The product changes no file: what does not fit is named with the command of ``ffmpeg`` that makes a file that does, and
the post has the poster and the link to the bulletin instead.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.bulletins.media import MediaItem, MediaKind, media_address
from campaigns.channels.transport import Capabilities, MediaLimit, MessageMedium

SPARE = 0.9  # the part of a limit of bytes that a made file aims at: the container and uneven scenes need the rest
AUDIO_RATES = (128, 96, 64, 32)  # kilobits a second, the best that leaves most of a video's file to its pictures
LEAST_VIDEO_RATE = 100  # kilobits a second; below it nothing can be made out, and the file has to be shorter


class Fit(Enum):
    """Whether a channel gets a medium as a file, and otherwise why not."""

    FITS = "fits"
    NOT_TAKEN = "not_taken"  # the kind of channel takes no such medium, or none of this file type
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_MANY = "too_many"  # a post has others of the bulletin already


@dataclass(frozen=True)
class MediaFit:
    """The judgement of one medium for one kind of channel.

    ``excess``: bytes above the limit for ``TOO_LARGE``, seconds above it for ``TOO_LONG`` and below it for
    ``TOO_SHORT``, else 0. ``command``: a command line that makes a file which fits from one named ``name``; '' where
    none does.
    """

    item: MediaItem
    fit: Fit
    excess: float = 0.0
    command: str = ""

    @property
    def reason(self) -> str:
        """The judgement as it stands in the attempts of a delivery; '' when it fits."""
        match self.fit:
            case Fit.FITS:
                return ""
            case Fit.NOT_TAKEN:
                return "the channel takes no such file; the poster and the link go instead"
            case Fit.TOO_LARGE:
                return f"too large by {self.excess:,.0f} bytes; the poster and the link go instead"
            case Fit.TOO_LONG:
                return f"too long by {self.excess:,.1f} seconds; the poster and the link go instead"
            case Fit.TOO_SHORT:
                return f"too short by {self.excess:,.1f} seconds; the poster and the link go instead"
            case Fit.TOO_MANY:
                return "the post has others already; the link goes instead"


def media_fits(items: Sequence[MediaItem], capabilities: Capabilities, *, name: str = "") -> tuple[MediaFit, ...]:
    """Judge the media of a bulletin for a channel with these ``capabilities``, in their order.

    ``name``: the file's name in the commands, by default ``in.`` and the suffix of the medium.
    """
    if capabilities.media_linked:
        return tuple(MediaFit(item, Fit.FITS) for item in items)
    fits: list[MediaFit] = []
    had: Counter[MediaKind] = Counter()
    for item in items:
        limit = next((known for known in capabilities.media if known.kind == item.kind.value), None)
        judged = _judged(item, limit, name or f"in.{item.suffix}")
        if judged.fit is Fit.FITS and limit is not None and had[item.kind] >= limit.most:
            judged = MediaFit(item, Fit.TOO_MANY)
        had[item.kind] += judged.fit is Fit.FITS
        fits.append(judged)
    return tuple(fits)


def _judged(item: MediaItem, limit: MediaLimit | None, name: str) -> MediaFit:
    if limit is None:
        return MediaFit(item, Fit.NOT_TAKEN)
    if item.mime not in limit.types:
        return MediaFit(item, Fit.NOT_TAKEN, command=fitting_command(item, limit, name))
    if limit.most_seconds is not None and item.seconds > limit.most_seconds:
        return MediaFit(item, Fit.TOO_LONG, item.seconds - limit.most_seconds, fitting_command(item, limit, name))
    if limit.most_bytes is not None and item.length > limit.most_bytes:
        return MediaFit(item, Fit.TOO_LARGE, item.length - limit.most_bytes, fitting_command(item, limit, name))
    if 0 < item.seconds < limit.least_seconds:
        return MediaFit(item, Fit.TOO_SHORT, limit.least_seconds - item.seconds)
    return MediaFit(item, Fit.FITS)


def fitting_command(item: MediaItem, limit: MediaLimit, name: str) -> str:
    """Return a command line of ``ffmpeg`` that makes a file within ``limit`` from the video or audio ``name``; '' for
    other kinds. What is longer than the limit is cut off at its end."""
    seconds = min(item.seconds, limit.most_seconds) if limit.most_seconds is not None else item.seconds
    if item.kind not in {MediaKind.VIDEO, MediaKind.AUDIO} or not seconds:
        return ""
    # Kilobits a second for all of the file; None = as it comes.
    rate = int(limit.most_bytes * 8 * SPARE / seconds / 1000) if limit.most_bytes is not None else None
    cut = f" -t {limit.most_seconds:g}" if limit.most_seconds is not None and item.seconds > limit.most_seconds else ""
    if item.kind is MediaKind.AUDIO:
        sound = min(rate, 128) if rate is not None else 128
        if "audio/mpeg" in limit.types:
            return f"ffmpeg -i {name}{cut} -vn -c:a libmp3lame -b:a {sound}k out.mp3"
        return f"ffmpeg -i {name}{cut} -vn -c:a aac -b:a {sound}k out.m4a"
    coded = "-c:v libx264 -pix_fmt yuv420p"
    if rate is None:
        return f"ffmpeg -i {name}{cut} {coded} -crf 23 -c:a aac -b:a 128k -movflags +faststart out.mp4"
    sound = next((one for one in AUDIO_RATES if one <= rate / 5), AUDIO_RATES[-1])
    # A quality for what needs less, and a ceiling for what would need more than fits.
    most = rate - sound
    if most < LEAST_VIDEO_RATE:
        return ""
    rates = f"-crf 23 -maxrate {most}k -bufsize {most}k"
    return f"ffmpeg -i {name}{cut} {coded} {rates} -c:a aac -b:a {sound}k -movflags +faststart out.mp4"


def message_media(
    items: Sequence[MediaItem], capabilities: Capabilities, addresses: PublicAddresses
) -> tuple[MessageMedium, ...]:
    """Return the media of a bulletin as a channel gets them, with what it does not take as files marked. Their bytes
    cannot be read yet."""
    return tuple(_medium(fit.item, addresses, fit.reason) for fit in media_fits(items, capabilities))


def _medium(item: MediaItem, addresses: PublicAddresses, misfit: str = "") -> MessageMedium:
    return MessageMedium(
        ident=item.ident,
        kind=item.kind.value,
        url=media_address(addresses, item),
        mime=item.mime,
        length=item.length,
        width=item.width,
        height=item.height,
        seconds=item.seconds,
        alt=item.alt,
        text=item.text,
        poster=_medium(item.poster, addresses) if item.poster is not None else None,
        captions=_medium(item.captions, addresses) if item.captions is not None else None,
        misfit=misfit,
    )
