"""The fingerprint index: every released text once, found by the hashes it shares with a page."""

import random

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Revision
from campaigns.matching import fingerprint_index
from campaigns.matching.candidates import HashIndex
from campaigns.matching.fingerprint_index import BulletinHash, IndexedCandidates, IndexedRevision
from campaigns.matching.fingerprints import FP_VERSION, fingerprint_of, lookup_hashes, tokenize
from campaigns.matching.prepared_bulletin import prepare_bulletin
from campaigns.release import workflow
from tests.coordinator.jobs.scripted_site import BODY, OTHER, PARTS, TITLE
from tests.factories import APPROVER, DELIVERY_MODES, NOW, approved, draft, published, text


def _hashes(*parts: str):  # type: ignore[no-untyped-def]  # numpy's array
    return fingerprint_of(tokenize("\n\n".join(parts)))


def _count(session: Session, kind: type[BulletinHash] | type[IndexedRevision]) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(kind)).scalar_one()


def test_only_released_texts_are_indexed_and_each_once(session: Session) -> None:
    draft(session, title=TITLE, body=BODY)
    approved(session, title=TITLE, body=BODY)
    assert not fingerprint_index.has_unindexed(session)
    published(session, title=TITLE, body=BODY)
    assert fingerprint_index.has_unindexed(session)
    assert fingerprint_index.index_missing(session, now=NOW) == 1
    known = _count(session, BulletinHash)
    assert known > 10
    assert not fingerprint_index.has_unindexed(session)
    assert fingerprint_index.index_missing(session, now=NOW) == 0
    assert _count(session, BulletinHash) == known


def test_a_revision_adds_what_is_new_in_it(session: Session) -> None:
    bulletin = published(session, title=TITLE, body=BODY)
    fingerprint_index.index_missing(session, now=NOW)
    before = _count(session, BulletinHash)
    workflow.correct(
        session, APPROVER, bulletin.code, text(TITLE, f"{BODY}\n\n{OTHER[0]}"), "Thêm", DELIVERY_MODES, now=NOW
    )
    fingerprint_index.index_missing(session, now=NOW)
    assert before < _count(session, BulletinHash) < 2 * before
    assert _count(session, IndexedRevision) == 2
    assert [prepared.revision for prepared in fingerprint_index.load_prepared(session, [bulletin.id])] == [2, 1]


def test_what_an_older_recipe_left_goes_when_the_text_comes_in_again(session: Session) -> None:
    bulletin, other = published(session, title=TITLE, body=BODY), published(session, title="Tin khác", body=OTHER[0])
    workflow.correct(
        session, APPROVER, bulletin.code, text(TITLE, f"{BODY}\n\n{OTHER[1]}"), "Thêm", DELIVERY_MODES, now=NOW
    )
    fingerprint_index.index_missing(session, now=NOW)
    right = {(row.h, row.bulletin_id) for row in session.execute(sa.select(BulletinHash.h, BulletinHash.bulletin_id))}
    session.execute(sa.update(BulletinHash).where(BulletinHash.bulletin_id == bulletin.id).values(h=BulletinHash.h - 1))
    session.execute(sa.update(IndexedRevision).where(IndexedRevision.bulletin_id == bulletin.id).values(fp_version="0"))
    assert fingerprint_index.has_unindexed(session)
    assert fingerprint_index.index_missing(session, limit=1, now=NOW) == 1  # in parts, as where there are thousands
    assert fingerprint_index.index_missing(session, now=NOW) == 1
    assert {
        (row.h, row.bulletin_id) for row in session.execute(sa.select(BulletinHash.h, BulletinHash.bulletin_id))
    } == right
    assert session.execute(sa.select(IndexedRevision.fp_version).distinct()).scalars().all() == [FP_VERSION]
    assert other.id in {ident for _, ident in right}
    assert not fingerprint_index.has_unindexed(session)


def test_a_page_finds_the_bulletins_it_shares_most_with_first(session: Session) -> None:
    full = published(session, title=TITLE, body=BODY)
    part = published(session, title="Tin khác hẳn về bóng đá nữ", body="\n\n".join([*OTHER, PARTS[0]]))
    fingerprint_index.index_missing(session, now=NOW)
    found = [ident for ident, _ in fingerprint_index.bulletins_sharing(session, _hashes(*PARTS))]
    assert found == [full.id, part.id]
    assert [ident for ident, _ in fingerprint_index.bulletins_sharing(session, _hashes(*OTHER))] == [part.id]
    assert (
        fingerprint_index.bulletins_sharing(
            session, _hashes("Một trang không liên quan gì tới bản tin nào của cơ quan này cả.")
        )
        == []
    )


def test_a_short_bulletin_is_found_wherever_it_stands(session: Session) -> None:
    words = ["Ngày", "25/11", "ngừng", "cấp", "nước", "tại", "các", "ngõ", "lẻ", "từ", "8", "giờ", "đến", "11", "giờ"]
    short = [published(session, title=f"Tin {number}", body=" ".join(words[: 8 + number])) for number in range(7)]
    fingerprint_index.index_missing(session, now=NOW)
    least = max(bulletin.id for bulletin in short)
    for ahead in range(20):
        page = " ".join([*OTHER[0].split()[:ahead], f"Tin {len(short) - 1}", *words, *OTHER[1].split()])
        found = {
            ident for ident, _ in fingerprint_index.bulletins_sharing(session, lookup_hashes(tokenize(page).words))
        }
        assert least in found, ahead


def test_a_bulletin_that_is_named_is_a_candidate_whatever_the_page_shares(session: Session) -> None:
    named = published(session, title=TITLE, body=BODY)
    fingerprint_index.index_missing(session, now=NOW)
    found = IndexedCandidates(session, [named.id]).lookup(_hashes(*OTHER))
    assert [prepared.id for prepared in found] == [str(named.id)]
    assert IndexedCandidates(session).lookup(_hashes(*OTHER)) == []


def test_an_empty_page_finds_nothing(session: Session) -> None:
    published(session, title=TITLE, body=BODY)
    fingerprint_index.index_missing(session, now=NOW)
    assert fingerprint_index.bulletins_sharing(session, _hashes("")) == []


def test_the_database_and_memory_choose_the_same_bulletins(session: Session) -> None:
    """Random bulletins over common and rare hashes: short ones, ones with formulas alone, ones with parts of a page."""
    dice = random.Random(15)
    bulletins = [published(session, title=f"Tin {number}", body="Nội dung") for number in range(60)]
    common = list(range(1, 9))
    own = {
        bulletin.id: np.array(
            sorted(
                {*dice.sample(common, dice.randrange(9))}
                | {1000 * place + step for step in range(dice.choice((0, 1, 3, 10, 90)))}
                | {1}
            ),
            dtype=np.int64,
        )
        for place, bulletin in enumerate(bulletins, start=1)
    }
    for bulletin in bulletins:
        rows = [{"h": int(number), "bulletin_id": bulletin.id} for number in own[bulletin.id]]
        session.execute(sa.insert(BulletinHash), rows)
        revision = session.execute(sa.select(Revision.id).where(Revision.bulletin_id == bulletin.id)).scalar_one()
        indexed = {"revision_id": revision, "bulletin_id": bulletin.id, "fp_version": FP_VERSION, "at": NOW}
        session.execute(sa.insert(IndexedRevision).values(hashes=len(rows), **indexed))
    memory = HashIndex(list(own.values()), lambda position: prepare_bulletin(str(position), "Tin", "", "Nội dung"))
    order, chosen = list(own), 0
    for _ in range(200):
        named = dice.sample(list(own), dice.randrange(4))
        some = [int(number) for ident in named for number in own[ident] if dice.random() < dice.choice((0.1, 0.5, 1))]
        page = np.array(sorted({*dice.sample(common, dice.randrange(9)), *some}), dtype=np.int64)
        for least in (1, 2, 3):
            found = fingerprint_index.bulletins_sharing(session, page, least, 100)
            assert found == [(order[place], count) for place, count in memory.shared(page, least, 100)], (page, least)
            chosen += len(found)
    assert chosen > 1000
