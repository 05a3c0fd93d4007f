"""A policy: settings that were checked, and the hash that stands in every decision."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import resources

import msgspec
import orjson

from klean_stream.events.inputs import Mode
from klean_stream.policy.settings import Settings

# msgspec's messages: "Object contains unknown field `x` - at `$.weights`", "Expected … - at `key` in
# `$.a.b`".
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>.*?)`(?: - at `\$\.?(?P<where>.*)`)?$", re.DOTALL)
_LOCATED = re.compile(r"^(?P<problem>.*) - at (?P<key>`key` in )?`\$\.?(?P<path>.*)`$", re.DOTALL)


class PolicyError(ValueError):
    """A policy is not valid. The message is one sentence that names the setting."""


class Policy(Settings, frozen=True, kw_only=True, dict=True):
    """The policy in force. ``mode_recorded`` says that a ``mode`` record set the mode, not a file."""

    mode_recorded: bool = False

    @cached_property
    def hash(self) -> str:
        """The first 16 hex digits of the SHA-256 of the effective policy, as JSON with sorted keys."""
        settings = msgspec.to_builtins(self)
        del settings["mode_recorded"]  # how the mode came to be is no part of what is in force
        return hashlib.sha256(orjson.dumps(settings, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    def with_mode(self, mode: Mode) -> "Policy":
        """Give the same policy with its mode set, as a ``mode`` record sets it."""
        return msgspec.structs.replace(self, mode=mode, mode_recorded=True)


def default_policy() -> Policy:
    """Give the packaged policy."""
    return policy_of({})


def load_policy(text: str) -> Policy:
    """Give the policy of a TOML text, laid over the default. Raises PolicyError in one sentence."""
    try:
        settings = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"the policy is not TOML: {error}") from None
    return policy_of(settings)


def policy_of(settings: Mapping[str, object]) -> Policy:
    """Give the policy of settings that were read already, laid over the default. Raises PolicyError."""
    try:
        checked = msgspec.convert(_laid_over(_default(), settings), Settings)
    except msgspec.ValidationError as error:
        raise PolicyError(_sentence(str(error))) from None
    return Policy(**{name: getattr(checked, name) for name in Settings.__struct_fields__})


@cache
def _default() -> dict[str, object]:
    text = resources.files("klean_stream.policy").joinpath("default.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _laid_over(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    merged = dict(below)
    for name, value in above.items():
        under = below.get(name)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[name] = _laid_over(under, value) if both else value  # type: ignore[arg-type]
    return merged


def _sentence(message: str) -> str:
    """Give msgspec's message as a sentence that names the setting by its dotted path."""
    if unknown := _UNKNOWN.match(message):
        path = ".".join(part for part in (unknown["where"], unknown["name"]) if part)
        return f"the policy has no setting `{path}`"
    if located := _LOCATED.match(message):
        problem = located["problem"][:1].lower() + located["problem"][1:]
        place = f"a name in `{located['path']}`" if located["key"] else f"the setting `{located['path']}`"
        return f"{place} of the policy is wrong: {problem}"
    return f"the policy is wrong: {message}"
