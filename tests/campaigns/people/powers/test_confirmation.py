"""Who confirms a role or key with power over publication, from the first day of an office on."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, Forbidden
from campaigns.people import invitations, sign_in_factors
from campaigns.people.keys import AccessKey, add_key
from campaigns.people.powers.account_messages import AccountEvent, unread_messages
from campaigns.people.powers.confirmation import (
    Confirmers,
    confirm_key,
    confirm_role,
    held_accounts,
    key_confirmers,
    refuse_role,
    role_confirmers,
)
from campaigns.people.powers.identities import people_behind, require_person, share_a_person
from campaigns.people.staff import Actor, Permission, Person, Role, add_person, change_person
from tests.factories import NOW

OPERATOR = Actor("cli", "cli", None)


def operator_adds(session: Session, email: str, role: Role) -> Person:
    """A person whom the machine's operator, or set-up, added."""
    return add_person(session, "cli", email=email, name="", role=role, password_hash="x", uniquifier=email, now=NOW)


def joined(session: Session, by: Person, email: str, role: Role) -> Person:
    """A person who was invited and has come in by the link."""
    made = invitations.invite(session, by.actor, email=email, name="", role=role, uniquifier=email, now=NOW)
    return enter(session, made.secret)


def enter(session: Session, secret: str) -> Person:
    """Use a link."""
    return invitations.accept(session, secret, name="", password_hash="y", uniquifier=secret[:20], now=NOW)


def test_from_the_first_day_on_there_is_always_one_who_confirms_and_it_is_never_who_asked(session: Session) -> None:
    first = operator_adds(session, "khang@so.example", Role.ADMIN)
    assert first.actor.may(Permission.CONFIGURE)
    writer = joined(session, first, "an@so.example", Role.WRITER)
    assert writer.actor.may(Permission.WRITE)
    bao = joined(session, first, "bao@so.example", Role.APPROVER)
    assert not bao.actor.may(Permission.APPROVE)
    assert bao.actor.may(Permission.WRITE)
    # Nobody else is there: the owner, and nobody else.
    assert role_confirmers(session, bao) == Confirmers(("bao@so.example",), owner=True)
    for other in (first, writer):
        with pytest.raises(Forbidden):
            confirm_role(session, other.actor, bao, now=NOW)
    assert [row.what for row in unread_messages(session, bao.email)] == [AccountEvent.ROLE_ASKED]
    confirm_role(session, bao.actor, bao, now=NOW)
    assert bao.actor.may(Permission.APPROVE)
    # That the role waits needs nobody any more, and nobody is told of the own act.
    assert unread_messages(session, bao.email) == []
    # The next one is confirmed by an approver, as there is one administrator only, and then by an administrator.
    hoa = joined(session, first, "hoa@so.example", Role.ADMIN)
    assert role_confirmers(session, hoa) == Confirmers(("bao@so.example",))
    confirm_role(session, bao.actor, hoa, now=NOW)
    assert [row.what for row in unread_messages(session, hoa.email)] == [AccountEvent.ROLE_CONFIRMED]
    cam = joined(session, first, "cam@so.example", Role.APPROVER)
    assert role_confirmers(session, cam) == Confirmers(("hoa@so.example",))
    with pytest.raises(Forbidden):
        confirm_role(session, cam.actor, cam, now=NOW)


def test_where_the_second_person_has_left_only_the_machines_operator_confirms(session: Session) -> None:
    first = operator_adds(session, "khang@so.example", Role.ADMIN)
    bao = joined(session, first, "bao@so.example", Role.APPROVER)
    confirm_role(session, bao.actor, bao, now=NOW)
    change_person(session, first.actor, bao, active=False, now=NOW)
    cam = joined(session, first, "cam@so.example", Role.APPROVER)
    assert role_confirmers(session, cam) == Confirmers(())
    confirm_role(session, OPERATOR, cam, now=NOW)
    assert cam.actor.may(Permission.APPROVE)


@pytest.mark.parametrize("act", ["link", "factor", "role", "off and on"])
def test_what_may_put_an_account_into_other_hands_suspends_its_power_and_tells_its_owner(
    session: Session, act: str
) -> None:
    khang, hoa = (operator_adds(session, f"{name}@so.example", Role.ADMIN) for name in ("khang", "hoa"))
    bao = operator_adds(session, "bao@so.example", Role.APPROVER)
    if act == "link":
        secret = invitations.renew(session, khang.actor, bao, now=NOW).secret
        assert bao.actor.may(
            Permission.APPROVE
        )  # a link that nobody used changes nothing but that the owner is notified
        assert len(unread_messages(session, bao.email)) == 1
        enter(session, secret)
    elif act == "factor":
        bao.tf_primary_method, bao.tf_totp_secret = "authenticator", "x"
        sign_in_factors.reset_factor(session, khang.actor, bao, "mất máy", now=NOW)
    elif act == "role":
        change_person(session, khang.actor, bao, role=Role.ADMIN, now=NOW)
    else:
        change_person(session, khang.actor, bao, active=False, now=NOW)
        change_person(session, khang.actor, bao, active=True, now=NOW)
    assert not bao.actor.confirmed
    assert unread_messages(session, bao.email)[-1].by == khang.email
    for other in (khang, bao):
        with pytest.raises(Forbidden):
            confirm_role(session, other.actor, bao, now=NOW)
    confirm_role(session, hoa.actor, bao, now=NOW)
    assert bao.actor.confirmed
    with pytest.raises(Conflict):
        confirm_role(session, hoa.actor, bao, now=NOW)


def test_who_gave_the_link_confirms_no_role_that_somebody_else_gave(session: Session) -> None:
    khang, hoa = (operator_adds(session, f"{name}@so.example", Role.ADMIN) for name in ("khang", "hoa"))
    an = joined(session, khang, "an@so.example", Role.WRITER)
    change_person(session, hoa.actor, an, role=Role.APPROVER, now=NOW)
    assert role_confirmers(session, an) == Confirmers(())
    change_person(session, khang.actor, an, role=Role.WRITER, now=NOW)
    change_person(session, khang.actor, an, role=Role.APPROVER, now=NOW)
    confirm_role(session, hoa.actor, an, now=NOW)


def test_nobody_is_confirmed_before_they_came_in_and_a_refusal_ends_the_account(session: Session) -> None:
    khang, hoa = (operator_adds(session, f"{name}@so.example", Role.ADMIN) for name in ("khang", "hoa"))
    made = invitations.invite(
        session, khang.actor, email="b@so.example", name="", role=Role.APPROVER, uniquifier="b", now=NOW
    )
    with pytest.raises(Conflict) as early:
        confirm_role(session, hoa.actor, made.row.person, now=NOW)
    assert early.value.code == "not_joined"
    person = enter(session, made.secret)
    with pytest.raises(Forbidden):
        refuse_role(session, khang.actor, person, now=NOW)
    refuse_role(session, hoa.actor, person, now=NOW)
    assert person.actor.role is None


def passkey(session: Session, person: Person, name: str) -> None:
    key = sign_in_factors.Passkey(
        name=name, created_at=NOW, credential_id=name.encode(), public_key=b"k", sign_count=0, backup_state=False,
        device_type="single_device", lastuse_datetime=NOW,
    )  # fmt: skip
    sign_in_factors.add_passkey(session, person.actor, person, key, now=NOW)


def test_a_passkey_added_while_another_had_the_account_in_hand_ends_with_the_confirmation(session: Session) -> None:
    khang, hoa, bao = (
        operator_adds(session, f"{name}@so.example", role)
        for name, role in (("khang", Role.ADMIN), ("hoa", Role.ADMIN), ("bao", Role.APPROVER))
    )
    enter(session, invitations.renew(session, khang.actor, bao, now=NOW).secret)
    passkey(session, bao, "của Khang")
    # Bảo gets the account back by a link to the own address; the passkey would still open it.
    enter(session, invitations.link_for_mail(session, bao.email, bao, lasts=None, now=NOW).secret)
    confirm_role(session, hoa.actor, bao, now=NOW)
    assert sign_in_factors.passkeys_of(session, bao.id) == []
    assert not sign_in_factors.has_factor(bao)
    # A role that is given to who has the account alone leaves the owner's passkeys.
    passkey(session, bao, "của Bảo")
    change_person(session, khang.actor, bao, role=Role.ADMIN, now=NOW)
    confirm_role(session, hoa.actor, bao, now=NOW)
    assert [key.name for key in sign_in_factors.passkeys_of(session, bao.id)] == ["của Bảo"]


def test_a_key_that_approves_remembers_who_made_it(session: Session) -> None:
    khang, hoa = (operator_adds(session, f"{name}@so.example", Role.ADMIN) for name in ("khang", "hoa"))
    key: AccessKey = add_key(session, khang.email, name="máy", role=Role.APPROVER, now=NOW).row
    assert not key.actor.may(Permission.APPROVE)
    assert unread_messages(session, hoa.email)[-1].more == "máy"
    assert key_confirmers(session, key) == Confirmers((hoa.email,))
    with pytest.raises(Forbidden):
        confirm_key(session, khang.actor, key.public, now=NOW)
    confirm_key(session, hoa.actor, key.public, now=NOW)
    assert key.actor.may(Permission.APPROVE)
    writer = joined(session, khang, "an@so.example", Role.WRITER)
    mine = add_key(session, khang.email, name="soạn", role=Role.WRITER, now=NOW).row
    behind = people_behind(session, [(key.actor.id, None), (hoa.email, None)])
    assert behind[key.actor.id, None] == {key.actor.id, khang.email}
    assert behind[hoa.email, None] == {hoa.email}
    for other in (khang.email, mine.actor.id, writer.email):
        assert share_a_person(session, key.actor.id, {other: NOW})
    assert not share_a_person(session, key.actor.id, {hoa.email: NOW})
    # The machine's operator stands behind nothing: keys of the command line are programs of their own.
    first, second = (add_key(session, "cli", name="x", role=Role.APPROVER, now=NOW).row for _ in range(2))
    assert first.actor.confirmed
    assert not share_a_person(session, first.actor.id, {second.actor.id: NOW})


def test_a_key_that_belongs_to_nobody_is_no_second_person_for_what_a_person_did(session: Session) -> None:
    khang, hoa = (operator_adds(session, f"{name}@so.example", Role.ADMIN) for name in ("khang", "hoa"))
    nobodys, other = (add_key(session, "cli", name="x", role=Role.APPROVER, now=NOW).row for _ in range(2))
    for done in (khang.email, add_key(session, khang.email, name="soạn", role=Role.WRITER, now=NOW).row.actor.id):
        with pytest.raises(Forbidden) as refused:
            require_person(session, nobodys.actor.id, [done])
        assert refused.value.code == "key_without_person"
    require_person(session, nobodys.actor.id, [other.actor.id])
    require_person(session, hoa.email, [khang.email])
    own = add_key(session, "cli", name="của Hoa", role=Role.ADMIN, person=hoa, now=NOW).row
    require_person(session, own.actor.id, [khang.email])
    assert share_a_person(session, own.actor.id, {hoa.email: NOW})
    # A key that an administrator made for another person is of both.
    both = add_key(session, khang.email, name="cho Hoa", role=Role.ADMIN, person=hoa, now=NOW).row
    assert people_behind(session, [(both.actor.id, None)])[both.actor.id, None] == {
        both.actor.id, khang.email, hoa.email,
    }  # fmt: skip


def test_what_is_done_under_an_added_account_is_also_done_by_who_added_it_until_a_second_person_confirms(
    session: Session,
) -> None:
    khang = operator_adds(session, "khang@so.example", Role.ADMIN)
    bao = operator_adds(session, "bao@so.example", Role.APPROVER)
    an, ha = (joined(session, khang, f"{name}@so.example", role) for name, role in
              (("an", Role.WRITER), ("ha", Role.ANALYST)))  # fmt: skip
    assert share_a_person(session, ha.email, {an.email: NOW})
    assert [one.person for one in held_accounts(session)] == [an, ha]
    assert {one.confirmers for one in held_accounts(session)} == {Confirmers((bao.email,))}
    with pytest.raises(Forbidden):
        confirm_role(session, khang.actor, an, now=NOW)
    confirm_role(session, bao.actor, an, now=NOW)
    assert [one.person for one in held_accounts(session)] == [ha]
    later = NOW + timedelta(days=1)
    assert not share_a_person(session, ha.email, {an.email: later})
    assert share_a_person(session, ha.email, {an.email: NOW})  # what was done before stays
    with pytest.raises(Conflict):
        confirm_role(session, bao.actor, an, now=NOW)
