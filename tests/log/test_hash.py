"""What is signed stays the same in its bytes: a log written years ago must still prove itself."""

import datetime
import json

from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from grievance import log
from grievance.models import Event

NUMBER = "202600000018"
WORDS = st.text(st.characters(exclude_categories=["Cs"]))
SOMETHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
)


@given(SOMETHING)
def test_signed_words_are_plain_json_with_sorted_keys_and_no_spaces(value):
    plain = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert log.canonical(value).decode() == plain


@override_settings(LOG_KEY="k")
def test_an_event_has_the_hash_it_always_had():
    event = Event(
        seq=3, action="assign", from_state="registered", to_state="assigned", level=1,
        at=datetime.datetime(2026, 1, 2, 3, 4, 5, 678, datetime.UTC), actor_id=7, actor_role="triage",
        actor_posting_id=None, channel="web", text='नल सूखा है\t"दो" दिन से \\ \u2028 \x7f\x01', internal=False,
        data={"b": [1, None, {"z": True, "a": "ऊँचा"}], "a": 1.5}, prev_hash="ab" * 32,
    )  # fmt: skip

    assert log.digest(NUMBER, event) == "57ce143e77910b58e84dc6e32aaa1adb5801ea20981afdd1bdfadae217525200"
    assert log.seal(NUMBER, 3, "ab" * 32) == "5bfc072468a68c05d1330a53a265f979afc86fb24b7527ae7c189be33bf643e7"
    assert log.key_check() == "1c62dffe3c539d0911efe417f80d7242010531db14090e2552d6274765ca5540"
