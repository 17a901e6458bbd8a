"""Plant faults into a register, each written down with its row, field and kind; mended, it is as it was meant."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.coordinator.imports.tables.cell_faults import ALONE, HARMLESS, REFUSED, Cell, FaultKind
from tests.coordinator.imports.tables.sample_register import TrueRecord, tax_code


@dataclass(frozen=True)
class PlantedFault:
    """One fault: in the cell of a field, in the row of the truth with this place. ``code``: "" where it is harmless."""

    place: int
    field: str
    code: str
    name: str


@dataclass
class Register:
    """What is true, and what stands in the file instead: (place, field) -> cell."""

    truths: Sequence[TrueRecord]
    cells: dict[tuple[int, str], Cell] = field(default_factory=dict)
    planted: list[PlantedFault] = field(default_factory=list)

    def cell(self, place: int, name: str) -> Cell:
        """What a cell holds."""
        return self.cells.get((place, name), self.truths[place].cells.get(name, ""))

    def refused(self) -> set[tuple[int, str, str]]:
        """(place, field, code) of what must not be taken."""
        return {(fault.place, fault.field, fault.code) for fault in self.planted if fault.code}

    def mended(self) -> "Register":
        """The same register with only its harmless faults."""
        bad = {fault.place for fault in self.planted if fault.code}  # no row has faults of both sorts
        kept = {(place, name): cell for (place, name), cell in self.cells.items() if place not in bad}
        return Register(self.truths, kept, [fault for fault in self.planted if not fault.code])


def plant_faults(
    truths: Sequence[TrueRecord], dice: random.Random, refused: int, harmless: int, fits: Callable[[Cell], bool]
) -> Register:
    """A register with so many faults of either sort. Each kind is used before any is used again.

    ``fits``: whether a kind of file can hold such a cell.
    """
    register = Register(truths)
    places = list(range(len(truths)))
    dice.shuffle(places)
    # Rows that stay sound: faults that need another row lean on those of them that stand above.
    sound = set(places[: len(places) // 5])
    bad = places[len(places) // 5 : len(places) * 13 // 20]
    read_right = places[len(places) * 13 // 20 :]
    alone = _lean(register, dice, bad, sorted(sound), refused // 12)
    _fill(register, dice, REFUSED, [number for number in bad if number not in alone], refused - len(alone), fits)
    _fill(register, dice, HARMLESS, read_right, harmless, fits)
    return register


def _fill(
    register: Register, dice: random.Random, kinds: Sequence[FaultKind], places: Sequence[int], count: int,
    fits: Callable[[Cell], bool],
) -> None:  # fmt: skip
    busy: dict[int, set[str]] = {place: set() for place in places}
    done = turn = 0
    while done < count:
        kind = kinds[turn % len(kinds)]
        turn += 1
        assert turn < 100 * count, f"there is no space for {count - done} more"
        for place in dice.sample(list(places), min(40, len(places))):
            cell = kind.make(dice, register.truths[place])
            if not fits(cell) or not _room(kind, register.truths[place], busy[place]):
                continue
            busy[place].add(kind.field)
            register.cells[place, kind.field] = cell
            register.planted.append(PlantedFault(place, kind.field, kind.code, kind.name))
            done += 1
            break


def _room(kind: FaultKind, truth: TrueRecord, busy: set[str]) -> bool:
    if kind.field in busy or len(busy) >= 3:
        return False
    if kind.code == "before_issue" or (kind.field == "issued_on" and "expires_on" in busy):
        return "issued_on" not in busy and "expires_on" not in busy
    if kind.field in {"issued_on", "expires_on"} and busy & {"issued_on", "expires_on"}:
        return False
    if kind.field == "expires_on" and not kind.code:
        return (truth.expires_on is None) == (kind.name == "an end that is none")
    return True


def _lean(register: Register, dice: random.Random, bad: Sequence[int], sound: Sequence[int], count: int) -> set[int]:
    """Faults that contradict a sound row above, one a row; returns those rows."""
    taken: set[int] = set()
    names = list(ALONE)
    for place in bad:
        if len(taken) == count:
            break
        name = names[len(taken) % len(names)]
        truth = register.truths[place]
        above = [number for number in sound if number < place]
        others = [number for number in above if register.truths[number].company != truth.company]
        same = [number for number in above if register.truths[number].company == truth.company]
        changes: dict[str, Cell]
        if name == "revoked, and no day":
            changes = {"status": dice.choice(["Thu hồi", "Hết hiệu lực", "Đã hủy bỏ"])} if not truth.expires_on else {}
        elif name == "another tax code":
            changes = {"tax_code": tax_code(dice)} if same else {}
        elif name == "one number, two days of issue":
            other = register.truths[same[0]] if same else truth
            changes = {"licence_number": other.number, "expires_on": other.cells["expires_on"]}
            ends = other.expires_on or truth.issued_on
            if not same or other.issued_on == truth.issued_on or ends < truth.issued_on:
                changes = {}
        elif others:
            other = register.truths[dice.choice(others)]
            named = "licence_number" if name == "a licence of somebody else" else "domains"
            changes = {named: other.number if named == "licence_number" else other.domains[0]}
            if named == "licence_number":
                changes |= {key: other.cells[key] for key in ("issued_on", "expires_on")}
        else:
            changes = {}
        if not changes:
            continue
        field_, code = ALONE[name]
        taken.add(place)
        register.cells.update({(place, key): cell for key, cell in changes.items()})
        register.planted.append(PlantedFault(place, field_, code, name))
    return taken
