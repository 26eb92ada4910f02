"""Lists of object stores: large ones, cut anywhere, from servers that fail in every way."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orrery_engine.lake.opening import Store, open_store
from orrery_engine.lake.spec import StoreSpec
from orrery_wire.errors import BackendUnavailable, Forbidden, NotFound, OrreryError
from tests.effort import examples
from tests.engine.lake.listing_server import ListingServer
from tests.engine.lake.stores import KEYS, paths

run = asyncio.run


def opened(server: ListingServer) -> Store:
    return open_store(StoreSpec("s3", "b", endpoint=server.url), KEYS)


def entries_of(keys: list[bytes]) -> list[str]:
    """What the root of the keys holds."""
    return sorted({text.decode()[: (text.decode() + "/").find("/") + 1] for text in keys})


KEY = st.text("ab/", min_size=1, max_size=6).filter(
    lambda key: "//" not in key and key[0] != "/" and key[-1] != "/"
)


@settings(max_examples=examples(60), deadline=None)
@given(
    keys=st.sets(KEY, max_size=40),
    part=st.integers(1, 7),
    limit=st.integers(1, 5),
    is_reopened=st.booleans(),
)
def test_every_entry_comes_once_wherever_a_page_ends(
    keys: set[str], part: int, limit: int, is_reopened: bool
) -> None:
    with ListingServer(sorted(key.encode() for key in keys), part=part) as server:
        store = opened(server)
        seen: list[str] = []
        token = ""
        while True:
            page = run(
                (opened(server) if is_reopened else store).page("", token=token, limit=limit)
            )
            seen += [one.path + "/" * (one.kind == "folder") for one in page.entries]
            token = page.next
            if not token:
                break
    want = sorted({key.split("/")[0] + "/" * ("/" in key) for key in keys})
    assert sorted(seen) == want


def test_a_page_of_a_large_folder_is_one_request_and_so_is_the_next_thousand() -> None:
    keys = [b"x/%06d" % number for number in range(5000)]
    with ListingServer(keys) as server:
        store = opened(server)
        first = run(store.page("x", limit=200))
        assert len(first.entries) == 200
        assert len(server.requests) == 1

        async def rest() -> int:
            count, token = 200, first.next
            while token and count < 1000:
                page = await store.page("x", token=token, limit=200)
                count, token = count + len(page.entries), page.next
            return count

        assert run(rest()) == 1000
        assert len(server.requests) <= 2
        assert len(paths(store, "x", limit=1000)) == 5000


def test_far_down_a_list_of_folders_alone_is_reached_without_the_beginning() -> None:
    keys = [b"%06d/k" % number for number in range(8000)]
    with ListingServer(keys) as server:
        store = opened(server)

        async def far() -> str:
            token = ""
            for _ in range(35):
                token = (await store.page("", token=token, limit=200)).next
            return token

        token = run(far())
    # What the first list reads ahead is asked of the other server.
    with ListingServer(keys) as server:
        page = run(opened(server).page("", token=token, limit=5))
        assert [entry.path for entry in page.entries] == [f"{n:06}" for n in range(7000, 7005)]
        assert len(server.requests) <= 6


def test_a_filter_ends_after_what_it_may_look_at_and_goes_on() -> None:
    keys = [b"%07d" % number for number in range(45_000)]
    with ListingServer(keys) as server:
        store = opened(server)

        async def all_pages() -> list[tuple[int, int]]:
            token, found = "", []
            while True:
                page = await store.page(
                    "", token=token, limit=50, matches=lambda one: one.name.endswith("00500")
                )
                found.append((len(page.entries), page.scanned))
                token = page.next
                if not token:
                    return found

        pages = run(all_pages())
    assert sum(count for count, _ in pages) == 1
    assert sum(scanned for _, scanned in pages) == 45_000
    assert max(scanned for _, scanned in pages) <= 20_000


def error(code: str, status: int) -> tuple[int, bytes]:
    text = f"<Error><Code>{code}</Code><Message>secret-canary is wrong</Message></Error>"
    return status, text.encode()


@pytest.mark.parametrize(
    ("answer", "kind", "word"),
    [
        (error("InvalidAccessKeyId", 403), Forbidden, "access key"),
        (error("SignatureDoesNotMatch", 403), Forbidden, "secret key"),
        (error("ExpiredToken", 400), Forbidden, "session"),
        (error("RequestTimeTooSkewed", 403), Forbidden, "clocks"),
        (error("AccessDenied", 403), Forbidden, "does not allow"),
        (error("NoSuchBucket", 404), NotFound, "not there"),
        (error("PermanentRedirect", 301), Forbidden, "region"),
        (error("SlowDown", 503), BackendUnavailable, "SlowDown"),
        (error("InternalError", 500), BackendUnavailable, "InternalError"),
        ((200, b"<html>hello</html>"), BackendUnavailable, "such a service"),
        ((200, b"<ListBucketResult><Contents><Key>x"), BackendUnavailable, "such a service"),
        ((200, b""), BackendUnavailable, "such a service"),
    ],
)
def test_what_a_server_answers_is_said_in_words(
    answer: tuple[int, bytes], kind: type[OrreryError], word: str
) -> None:
    with ListingServer([], fail=lambda _: answer) as server:
        with pytest.raises(OrreryError) as caught:
            run(opened(server).page(""))
        assert len(server.requests) <= 3
    failure = caught.value
    assert isinstance(failure, kind), (failure, answer)
    assert word in f"{failure.message} {failure.reason}", str(failure)
    assert "canary" not in str(failure)
    assert KEYS["secret_access_key"] not in str(failure)


def test_a_server_that_answers_later_is_asked_again() -> None:
    left = [2]

    def fail(_: dict[str, str]) -> tuple[int, bytes] | None:
        left[0] -= 1
        return error("SlowDown", 503) if left[0] >= 0 else None

    with ListingServer([b"a", b"b"], fail=fail) as server:
        assert paths(opened(server)) == ["a", "b"]


def test_a_list_that_never_ends_ends_here() -> None:
    keys = [b"%03d" % number for number in range(10)]
    with ListingServer(keys, part=5) as server:
        real = server._part

        def again(query: dict[str, str]) -> bytes:
            query = {key: value for key, value in query.items() if key != "continuation-token"}
            return real(query)

        server._part = again  # type: ignore[method-assign]
        page = run(opened(server).page("", limit=100))
    assert len(page.entries) == 100 or page.scanned <= 20_000


def test_names_that_no_path_can_mean_are_listed_with_their_reason() -> None:
    keys = sorted([b"a//b", b"ok", b"../up", b"./here", b"c/", b"n\nl"])
    with ListingServer(keys) as server:
        page = run(opened(server).page(""))
    shown = {one.path: one.problem for one in page.entries}
    assert shown["ok"] == ""
    assert shown["n\nl"] == ""
    assert shown["c"] == ""
