"""Which passwords are refused, and why: what guessers try first, and what they know about somebody.

Length is what makes a password strong (NIST SP 800-63B); no sort of characters is demanded. The list is short on
purpose: it holds the stems that most lists of leaked passwords begin with, and a password is reduced to its stem.
"""

from __future__ import annotations

from collections.abc import Iterable

from chassis.problems import wrong_field

COMMON = frozenset(
    """
    password passwort motdepasse contrasena senha secret letmein welcome login admin administrator root user guest test
    testing default changeme hello iloveyou loveme lovely love princess queen king prince angel baby babygirl honey
    sunshine summer winter spring autumn flower rainbow star moon dragon monkey tiger panda lion eagle wolf kitty dog
    football baseball basketball soccer hockey golf tennis superman batman spiderman pokemon naruto master shadow
    killer hunter ranger soldier warrior jordan michael jessica ashley daniel thomas charlie andrew joshua matthew
    robert george nicole hannah qwerty qwertz azerty asdf zxcv qaz wsx computer internet samsung google facebook
    freedom whatever trustno trustnoone starwars mustang ferrari porsche chelsea liverpool arsenal barcelona manager
    company office crm guanxi customer sales
    woaini woaiwojia wobuzhidao nihao zhongguo beijing shanghai aini aaa abc qq wang zhang mima woaini tiancai
    caonima xiaoming laopo laogong baobei
    """.split()  # noqa: SIM905  (words read better than a list of strings)
)
LEET = str.maketrans("@4301!|$578", "aaeoiiisstb")
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz", "qazwsxedcrfvtgb")
FEWEST_KINDS = 4
"""Different characters: ``aaaa1111`` has two."""
SHORTEST_NUMBER = 12
"""Digits alone are birthdays and telephone numbers."""
SHORTEST_WORD = 3
LITTLE = 4
"""As many characters more than a name are a year, and the first thing that is tried."""


def must_be_good(password: str, about: Iterable[str | None], pointer: str) -> None:
    """Raises Invalid, saying what is wrong; ``about`` is what everybody knows of the one whose password it is."""
    reason = fault_of(password, [word for word in about if word])
    if reason:
        raise wrong_field(pointer, reason)


def fault_of(password: str, about: Iterable[str]) -> str:
    """What is wrong with a password, in words; empty when nothing is."""
    lower = password.casefold()
    if len(set(lower)) < FEWEST_KINDS:
        return f"Use at least {FEWEST_KINDS} different characters"
    if lower.isdigit() and len(lower) < SHORTEST_NUMBER:
        return f"Digits alone are guessed at once; use letters too, or at least {SHORTEST_NUMBER} digits"
    if _is_walk(lower):
        return "Neighbouring keys or letters in a row are guessed at once"
    if any(_is_made_of(lower, word) for word in about):
        return "It is the name of the account or of the person, with little added"
    if COMMON & {stem(lower), stem(lower).translate(LEET), stem(lower.translate(LEET))}:
        return "This is among the passwords that are tried first"
    return ""


def stem(password: str) -> str:
    """``_Dragon2024!`` as ``dragon``, ``abcabc`` as ``abc``: without digits and signs around it, and once."""
    found = password
    while found and not found[0].isalpha():
        found = found[1:]
    while found and not found[-1].isalpha():
        found = found[:-1]
    for length in range(1, len(found) // 2 + 1):
        if len(found) % length == 0 and found == found[:length] * (len(found) // length):
            return found[:length]
    return found


def _is_walk(lower: str) -> bool:
    rows = [direction for row in ROWS for direction in (row * 2, row[::-1] * 2)]
    return any(lower in row for row in rows)


def _is_made_of(lower: str, word: str) -> bool:
    known = {part for part in (word.casefold(), *word.casefold().split(), word.casefold().partition("@")[0])}
    names = {_bare(name) for name in known if len(_bare(name)) >= SHORTEST_WORD}
    mixed = _bare(lower)
    return any(side in mixed and len(mixed) - len(side) <= LITTLE for name in names for side in (name, name[::-1]))


def _bare(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())
