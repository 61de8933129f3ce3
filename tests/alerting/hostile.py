"""Text that tries to act in Slack, in a terminal or in a log, and notifications filled with it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, get_args, get_type_hints

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

ATTACKS = [
    "<!channel>",
    "<!here|x>",
    "<!everyone>",
    "<@U123ABC>",
    "<#C123ABC|general>",
    "<!subteam^S1|@press>",
    "<!date^1392734382^{date}^https://evil.example|x>",
    "<https://evil.example|Open dashboard>",
    "<mailto:a@evil.example|mail>",
    "<javascript:alert(1)|x>",
    "https://evil.example/a?b=c&d",
    "http://127.0.0.1:8080/x",
    "slack://user?team=T1&id=U1",
    "tel:+491",
    "skype:evil?call",
    "evil.example",
    "www.evil.example:443/login",
    "раураl.com",
    "उदाहरण.भारत",
    "कि.com",
    "i❤.ws",
    "xn--e1a.xn--p1ai",
    "10.0.0.1/admin",
    "a@evil.example",
    "@channel",
    "@here",
    "#general",
    "(#general)",
    "*bold*",
    "*",
    "_i_",
    "_",
    "~s~",
    "`code`",
    "```\nblock\n```",
    "> quote",
    ">>> all of it",
    "&gt; quote",
    ":tada:",
    ":ก็:",
    ":wave::skin-tone-3:",
    ":",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "&",
    "&#60;!channel&#62;",
    "<",
    ">",
    "\u202egnp.exe",
    "\u2066\u2069",
    "\u200f",
    "\u200b",
    "\u00ad",
    "\ufeff",
    "\U000e0041",
    "\x1b[31m",
    "\x9b2J",
    "\x00",
    "\ud800",
    "\ue000",
    "\r\n",
    "\u2028",
    "|",
    "\\",
    "国勢調査",
    "سمعت",
    "שלום",
    "👩‍👩‍👧",
    "e\u0301\u0301\u0301\u0301\u0301\u0301",
    " ",
    "a" * 70,
]
hostile = st.one_of(
    st.lists(st.sampled_from(ATTACKS), max_size=12).map("".join),
    st.lists(st.sampled_from(ATTACKS), max_size=8).map(" ".join),
    st.lists(st.sampled_from(ATTACKS), max_size=8).map("\n".join),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.text(st.sampled_from("<>&|!@#*_~`:./ \nacom1"), max_size=40),
)


def filled(value: Any, text: Callable[[], str], kind: Any = None) -> Any:
    """A copy in which every string that is not of a closed list is one that `text` gives; absent ones are there."""
    if isinstance(value, msgspec.Struct):
        hints = get_type_hints(type(value))
        fields = {name: filled(getattr(value, name), text, hints[name]) for name in value.__struct_fields__}
        return replace(value, **fields)
    options = get_args(kind) or (kind,)
    if isinstance(value, Enum | bool | int | float | datetime | date | timedelta):
        return value
    if isinstance(value, tuple):
        within = options[0]
        return tuple(filled(one, text, within) for one in value) or ((text(),) if within is str else ())
    if isinstance(value, dict):
        return {key: filled(one, text, options[-1]) for key, one in value.items()}
    return text() if str in options and (value is None or isinstance(value, str)) else value
