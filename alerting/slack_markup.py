"""Strings for the fields in which Slack reads markup: escaped, and without anything that Slack would act on.

Three characters have an escape (`&`, `<`, `>`). What has none (stars, emoji codes, links without brackets, a quote's
mark at the start of a line) is replaced by a character that looks the same and means nothing. Text elements of
`rich_text` blocks need none of this: Slack shows them as they are.
"""

import regex

from alerting.phrases import quoting
from alerting.plain_text import cut, literal

_styling = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ", "@": "＠", "|": "∣"})
# Names of emoji, and hosts, may be written in any script: with marks, or be pictures.
_emoji_code = regex.compile(r":(?=[\p{L}\p{M}\p{N}ˍ+'\-]+:)")
# Of a scheme, or the first of an emoji's two, whose other one may come from what is written next. Times keep theirs.
_colon = regex.compile(r":(?!\s)(?!(?<=(?<![\p{L}\p{M}\p{N}+.\-])\d{1,2}:)\d\d(?!\d))")
_bare_host = regex.compile(r"(?<=\S)\.(?=\p{L}\S)")
_numbered_host = regex.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_channel = regex.compile(r"#(?=[\p{L}\p{M}\p{N}ˍ\-])")
_quote = regex.compile(r"^>+", regex.MULTILINE)


def inert(text: str, limit: int) -> str:
    """`text` for a mrkdwn or plain_text field or the fallback text; at most `limit` characters, escapes included."""
    text = neutral(text)
    room = limit
    while len(escaped := escape(cut(text, room))) > limit:
        room -= max(1, (len(escaped) - limit) // 5)
    return escaped


def neutral(text: str) -> str:
    """Literal, and without what Slack acts on and cannot escape."""
    text = quoting(literal(text, newlines=True)).translate(_styling)
    text = _colon.sub("꞉", _emoji_code.sub("꞉", text))
    text = _numbered_host.sub(lambda found: found[0].replace(".", "․"), _bare_host.sub("․", text))
    return _quote.sub("›", _channel.sub("＃", text))


def escape(text: str) -> str:
    """Slack's three escapes; `&` first."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
