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
    (
        "CK114",
        "CK110 probe",
    ): "what is not looked up is not refused either, and the stream says nothing of it; reading says so under CK114",
    (
        "CK205",
        "CK202 probe",
    ): "a request without credentials is served as somebody else: reading calls that CK205 alone",
    ("CK304", "CK107 probe"): "without its tables the store fails in the middle of the first stream; reading says so "
    "under CK304",
    ("CK404", "CK404 probe"): "the method that is not scoped is not reached over HTTP; the store's clauses fail it too",
    ("CK407", "CK406 store"): "without a cursor nothing can be paged; reading says so under CK407",
    ("CK407", "CK410 store"): "as above",
    ("CK408", "CK410 store"): "pages taken in another order than asked for lose rows; reading says so under CK408",
    (
        "CK507",
        "CK506 probe",
    ): "the connection that all turns share was opened in another task; reading says so under CK507",
    ("CK512", "CK512 probe"): "the page's model needs a library that is not installed here, so no turn of it was seen",
    ("CK410", "CK408 store"): "rows of one time have no order of their own; reading says so under CK410",
    ("CK502", "CK502 probe"): "the oldest thirty items are read, and the probe's thread has fewer",
    ("minimal", "CK114 probe"): "the minimal app takes a tool's result that nobody asked for, and the library cuts the "
    "stream: reading judges threads, items and attachments only",
}
"""A part of the mutant's description, and a rule with who ran it -> the reason."""


def explained(mutant: str, rule: str) -> str:
    """Why reading and running may say opposite things of this rule here; empty where nobody knows."""
    return next((why for (part, code), why in EXPLAINED.items() if part in mutant and rule.startswith(code)), "")
