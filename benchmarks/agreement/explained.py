"""Opposite verdicts that were looked at, and why each is right where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EXPLAINED: Mapping[tuple[str, str], str] = {
    ("CK101", "CK101 probe"): "over HTTP the rule says no more than that the URL answers POST, which it does",
    (
        "CK101",
        "CK115 probe",
    ): "the endpoint gives process() something else than the body, so it understands no request; "
    "reading says so under CK101",
    (
        "CK110",
        "CK114 probe",
    ): "what is not found is answered 500, in requests for streams too; reading says so under CK110",
    ("minimal", "CK114 probe"): "the minimal app takes a tool's result that nobody asked for, and the library cuts the "
    "stream: reading judges threads, items and attachments only",
}
"""A part of the mutant's description, and a rule -> the reason."""
