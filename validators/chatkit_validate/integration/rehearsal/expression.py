"""Reads the expressions of SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatkit_validate.integration.rehearsal.relation import Clause, clause

if TYPE_CHECKING:
    from chatkit_validate.integration.rehearsal.relation import Select

_COMPARISONS = frozenset({"=", "<>", "!=", "<", ">", "<=", ">="})
_CONSTANTS = {"null": None, "true": True, "false": False}
_BARE = frozenset({"current_timestamp", "localtimestamp", "current_date"})


class SqlError(Exception):
    """SQL that cannot be read; the message says what."""


class Expressions:
    """A parser over tokens: kind and text."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.position = 0
        self.asked = 0

    def select(self) -> Select:
        """A SELECT; see `sql`."""
        raise NotImplementedError

    def here(self) -> tuple[str, str]:
        """The next token."""
        return self.tokens[self.position] if self.position < len(self.tokens) else ("", "")

    def peek(self, ahead: int = 0) -> str | None:
        """The text of the next token in lower case; None at the end."""
        position = self.position + ahead
        return self.tokens[position][1].lower() if position < len(self.tokens) else None

    def next(self) -> tuple[str, str]:
        """Takes a token."""
        if self.position >= len(self.tokens):
            raise SqlError("it ends too early")
        self.position += 1
        return self.tokens[self.position - 1]

    def take(self, word: str) -> bool:
        """Takes the next token if it is `word`."""
        if self.peek() == word:
            self.position += 1
            return True
        return False

    def expect(self, word: str) -> None:
        """Takes `word`."""
        if not self.take(word):
            raise SqlError(f"{word.upper()} is expected before {self.here()[1] or 'its end'}")

    def name(self) -> str:
        """Takes a name."""
        kind, text = self.next()
        if kind != "name":
            raise SqlError(f"a name is expected, not {text}")
        return text.strip('"`[]') if text[0] in '"`[' else text.lower()

    def starred(self) -> bool:
        """Whether `alias.*` follows."""
        return self.here()[0] == "name" and self.peek(1) == "." and self.peek(2) == "*"

    def named(self, expression: Clause) -> str:
        """What a selected expression without a name is called."""
        match expression.kind:
            case "column":
                return str(expression.args[1])
            case "function":
                return str(expression.args[0])
            case _:
                return "?column?"

    def condition(self) -> Clause:
        """An expression with OR, AND and NOT."""
        found = [self._conjunction()]
        while self.take("or"):
            found.append(self._conjunction())
        return found[0] if len(found) == 1 else clause("or", found)

    def _conjunction(self) -> Clause:
        found = [self._negation()]
        while self.take("and"):
            found.append(self._negation())
        return found[0] if len(found) == 1 else clause("and", found)

    def _negation(self) -> Clause:
        if self.take("not"):
            return clause("not", self._negation())
        return self._comparison()

    def _comparison(self) -> Clause:
        left = self._sum()
        while True:
            if self.peek() in _COMPARISONS:
                op = self.next()[1]
                left = self._against(op, left)
            elif self.take("is"):
                negated = self.take("not")
                if self.take("distinct"):
                    self.expect("from")
                    found = clause("compare", "=", left, self._sum())
                    left = clause("not", found) if not negated else found
                    continue
                self.next()
                left = clause("not", clause("null", left)) if negated else clause("null", left)
            elif self.peek() in {"not", "in", "like", "ilike", "between"}:
                if self.peek() == "not" and self.peek(1) not in {"in", "like", "ilike", "between"}:
                    return left
                left = self._word(left)
            else:
                return left

    def _against(self, op: str, left: Clause) -> Clause:
        if self.peek() in {"any", "all", "some"} and self.peek(1) == "(":
            self.next()
            self.expect("(")
            options = clause("select", self.select()) if self.peek() == "select" else self.condition()
            self.expect(")")
            return clause("in", left, [options])
        return clause("compare", op, left, self._sum())

    def _word(self, left: Clause) -> Clause:
        negated = self.take("not")
        match self.next()[1].lower():
            case "in":
                self.expect("(")
                if self.peek() == "select":
                    options = [clause("select", self.select())]
                else:
                    options = [self.condition()]
                    while self.take(","):
                        options.append(self.condition())
                self.expect(")")
                found = clause("in", left, options)
            case "between":
                low = self._sum()
                self.expect("and")
                high = self._sum()
                found = clause("and", [clause("compare", ">=", left, low), clause("compare", "<=", left, high)])
            case word:
                found = clause("compare", word, left, self._sum())
        return clause("not", found) if negated else found

    def _sum(self) -> Clause:
        left = self._factor()
        while self.peek() in {"+", "-", "||"}:
            op = self.next()[1]
            left = clause("arithmetic", op, left, self._factor())
        return left

    def _factor(self) -> Clause:
        left = self._postfix()
        while self.peek() in {"*", "/", "%"}:
            op = self.next()[1]
            left = clause("arithmetic", op, left, self._postfix())
        return left

    def _postfix(self) -> Clause:
        found = self._primary()
        while True:
            if self.take("::"):
                self._type()
            elif self.peek() in {"->", "->>", "#>>"}:
                self.next()
                found = clause("function", "json", [found, self._primary()])
            elif self.take("["):
                while not self.take("]"):
                    self.next()
            elif self.peek() == "at" and self.peek(1) == "time":
                self.position += 3
                self._primary()
            elif self.take("collate"):
                self.next()
            else:
                return found

    def _type(self) -> None:
        self.name()
        while self.take("."):
            self.name()
        if self.take("("):
            while not self.take(")"):
                self.next()
        while self.peek() == "[":
            self.next()
            self.expect("]")

    def _primary(self) -> Clause:
        kind, text = self.here()
        match kind:
            case "string":
                self.next()
                return clause("value", text[text.index("'") + 1 : -1].replace("''", "'"))
            case "number":
                self.next()
                return clause("value", float(text) if "." in text else int(text))
            case "parameter":
                self.next()
                return clause("parameter", self._key(text))
            case "name":
                return self._named()
            case _:
                return self._symbol()

    def _key(self, text: str) -> int | str:
        if text[0] == "$" or (text[0] == "?" and len(text) > 1):
            return int(text[1:]) - 1
        if text in {"?", "%s"}:
            self.asked += 1
            return self.asked - 1
        return text[2:-2] if text.startswith("%(") else text[1:]

    def _symbol(self) -> Clause:
        if self.take("("):
            if self.peek() in {"select", "with"}:
                found = clause("select", self.select())
            else:
                items = [self.condition()]
                while self.take(","):
                    items.append(self.condition())
                found = items[0] if len(items) == 1 else clause("tuple", items)
            self.expect(")")
            return found
        if self.take("-"):
            return clause("arithmetic", "-", clause("value", 0), self._primary())
        if self.take("+"):
            return self._primary()
        if self.take("*"):
            return clause("star")
        raise SqlError(f"{self.here()[1] or 'its end'} is not expected")

    def _named(self) -> Clause:
        word = self.peek() or ""
        if word == "case":
            return self._case()
        if word == "exists":
            self.next()
            self.expect("(")
            found = clause("exists", self.select())
            self.expect(")")
            return found
        if word == "cast" and self.peek(1) == "(":
            self.position += 2
            found = self.condition()
            self.expect("as")
            self._type()
            self.expect(")")
            return found
        if word == "interval":
            self.next()
            self.next()
            return clause("value", 0)
        name = self.name()
        if word in _CONSTANTS:
            return clause("value", _CONSTANTS[word])
        if word in _BARE and self.peek() != "(":
            return clause("function", word, [])
        if self.peek() == "(":
            return self._function(name)
        qualifier = ""
        while self.take("."):
            qualifier = name
            name = self.name()
        if qualifier and self.peek() == "(":
            return self._function(name)
        return clause("column", qualifier.lower(), name)

    def _function(self, name: str) -> Clause:
        self.expect("(")
        given: list[Clause] = []
        self.take("distinct")
        while not self.take(")"):
            if self.take("*"):
                continue
            given.append(self.condition())
            while self.peek() not in {",", ")", None}:
                self.next()
            self.take(",")
        for word in ("filter", "over"):
            if self.take(word):
                raise SqlError(f"{word.upper()} is not followed")
        return clause("function", name.lower(), given)

    def _case(self) -> Clause:
        self.expect("case")
        subject = None if self.peek() == "when" else self.condition()
        branches = []
        while self.take("when"):
            condition = self.condition()
            self.expect("then")
            if subject is not None:
                condition = clause("compare", "=", subject, condition)
            branches.append((condition, self.condition()))
        otherwise = self.condition() if self.take("else") else None
        self.expect("end")
        return clause("case", branches, otherwise)
