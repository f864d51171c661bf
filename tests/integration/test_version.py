from __future__ import annotations

import pytest

from chatkit_validate.integration.version import version_key, version_range


def allows(specifier: str, version: str) -> bool:
    allowed, one = version_range(specifier), version_range(f"=={version}")
    assert allowed is not None
    assert one is not None
    return not allowed.meet(one).empty


def test_versions_sort_as_pep_440_says() -> None:
    texts = ["0.9", "1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.0.1", "1.10", "1!0.1"]
    keys = [version_key(text) for text in texts]
    assert None not in keys
    assert keys == sorted(keys, key=lambda key: key or ())


def test_trailing_zeros_do_not_matter() -> None:
    assert version_key("1.0") == version_key("1.0.0") == version_key("v1")


@pytest.mark.parametrize(
    ("specifier", "inside", "outside"),
    [
        (">=1.6,<1.7", "1.6.5", "1.7.0"),
        ("==1.6.*", "1.6.9", "1.7"),
        ("~=1.4.2", "1.4.9", "1.5"),
        ("~=1.4", "1.9", "2.0"),
        ("^1.4", "1.9", "2.0"),
        ("^0.3.2", "0.3.9", "0.4.0"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("~1.4", "1.4.9", "1.5"),
        ("1.4.1", "1.4.1", "1.4.2"),
        (">1.4", "1.4.1", "1.4"),
        ("<=2", "2.0", "2.0.1"),
        ("!=1.5,>=1", "1.4", "0.9"),
        ("===1.0", "1.0", "1.1"),
        ("(>=1.0)", "1.0", "0.9"),
    ],
)
def test_specifiers(specifier: str, inside: str, outside: str) -> None:
    assert allows(specifier, inside)
    assert not allows(specifier, outside)


def test_what_is_no_specifier_is_not_guessed_at() -> None:
    assert version_range("latest-and-greatest") is None
    assert version_range("") is not None
    assert version_range("*") is not None
