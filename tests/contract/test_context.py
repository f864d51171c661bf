"""Contexts worked out from what a store says of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Generic, TypedDict, TypeVar

import pytest
from chatkit.store import Store
from pydantic import BaseModel

from chatkit_validate.contract.context import guessed

T = TypeVar("T")


@dataclass
class Plain:
    request_id: str
    user_id: str
    headers: dict[str, str]


class Account(BaseModel):
    id: uuid.UUID
    active: bool


class Nested(BaseModel):
    user: Account
    library: str | None


class Typed(TypedDict):
    tenant_id: str


@dataclass
class Nobody:
    request_id: str


class Generically(Store[Plain]): ...


class Inherited(Generically): ...


class Typing(Store[Typed]): ...


class Deep(Store[Nested]): ...


class Unnamed(Store[Nobody]): ...


class Keys(Store[dict[str, Any]]):
    async def load_thread(self, thread_id: str, context: dict[str, Any]) -> Any:
        return thread_id, context.get("sub"), context["request"]


class OtherKeys(Store[dict[str, Any]]):
    async def load_thread(self, thread_id: str, context: dict[str, Any]) -> Any:
        return thread_id, context["request"]


class Attributes(Store[Any]):
    async def load_thread(self, thread_id: str, context: Any) -> Any:
        return thread_id, context.owner_id


class Duck(Generic[T]):
    async def load_thread(self, thread_id: str, context: Plain) -> Any:
        return thread_id, context


@pytest.mark.parametrize("kind", [Generically, Inherited, Duck])
async def test_a_dataclass_gets_the_user_and_fillers(kind: type) -> None:
    context = await guessed(kind).make("alice-1")
    assert context == Plain("", "alice-1", {})


async def test_a_user_object_is_built_too_and_ids_are_of_its_type() -> None:
    contexts = guessed(Deep)
    alice, bob = await contexts.make("alice"), await contexts.make("bob")
    assert isinstance(alice.user.id, uuid.UUID)
    assert alice.user.id != bob.user.id
    assert alice == await contexts.make("alice")


@pytest.mark.parametrize(("kind", "key"), [(Typing, "tenant_id"), (Keys, "sub")])
async def test_a_dictionary_gets_the_key_that_names_the_user(kind: type, key: str) -> None:
    assert await guessed(kind).make("alice") == {key: "alice"}


async def test_an_undeclared_context_has_the_attribute_that_the_store_reads() -> None:
    assert (await guessed(Attributes).make("alice")).owner_id == "alice"


@pytest.mark.parametrize(("kind", "why"), [(Unnamed, "Nobody has no field"), (OtherKeys, "reads request")])
def test_where_two_users_cannot_be_told_apart_it_says_why(kind: type, why: str) -> None:
    assert why in guessed(kind).same_user


@pytest.mark.parametrize("kind", [Generically, Typing, Keys, Deep])
async def test_the_expression_builds_the_same_context(kind: type) -> None:
    contexts = guessed(kind)
    scope: dict[str, Any] = {"Plain": Plain, "Nested": Nested, "Account": Account, "uuid": uuid}
    assert eval(contexts.written("alice"), scope) == await contexts.make("alice")  # noqa: S307 - our own
