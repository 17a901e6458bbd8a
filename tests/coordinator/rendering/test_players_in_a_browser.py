"""What the look sees of players: those that a reader sees stay in the page, others go."""

import pytest

from tests.coordinator.rendering.looks import Look

pytestmark = pytest.mark.browser

ADDRESS = "https://tin.example/bulletins/BT-2026-11-24-001/embed"


@pytest.mark.parametrize(
    ("player", "seen"),
    [
        ('<iframe src="{}" width="600" height="400"></iframe>', True),
        ('<video src="{}" width="320" height="240" controls></video>', True),
        ('<audio src="{}" controls></audio>', True),
        ('<iframe src="{}" style="width:40px;height:20px"></iframe>', False),
        ('<iframe src="{}" style="opacity:0"></iframe>', False),
        ('<div style="visibility:hidden"><iframe src="{}"></iframe></div>', False),
        ('<style>@media all {{ .x {{ display: none }} }}</style><video class="x" src="{}" controls></video>', False),
        ('<audio src="{}"></audio>', False),
    ],
)
def test_a_player_stays_only_where_a_reader_sees_it(look: Look, player: str, seen: bool) -> None:
    left, _pressed = look(f"<h1>Bài</h1><p>Mời xem.</p>{player.format(ADDRESS)}", "desktop")
    assert (ADDRESS in left) is seen
