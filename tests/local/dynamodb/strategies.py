"""Random DynamoDB requests: values, expressions and operations, mostly valid, from pools small enough to collide."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Request = tuple[str, dict[str, Any]]

SORT_NUMBERS = ("-10", "-1.5", "0", "0.001", "1", "2", "10", "1E3")
NUMBERS = ("0", "1", "-1", "1.50", "1E2", "-0.001", "12345678901234567890", "3", "5e-3")
# No empty strings and binaries here: dynalite takes them for missing (docs/embedded-dynamodb.md).
STRINGS = ("a", "ab", "abc", "b", "x" * 1500)
BINARIES = ("YQ==", "YWI=", "Yg==")
TOP = ("a", "b", "c", "#status", "grp", "place", "kind")
NESTED = ("doc.x", "doc.y", "doc.seq[0]", "doc.seq[1]", "seq[0]", "seq[1]", "seq[7]", "a.x", "gone.x")

TARGETS = (
    "a",
    "b",
    "c",
    "#status",
    "grp",
    "place",
    "kind",
    "doc.x",
    "doc.seq[1]",
    "seq[0]",
    "seq[1]",
    "seq[7]",
    "fresh",
)
KEY_VALUES = {
    "grp": ({"S": "g"}, {"S": "h"}),
    "place": ({"N": "1"}, {"N": "2.50"}),
    "kind": ({"S": "k"}, {"S": "l"}),
}

numbers = st.sampled_from(NUMBERS).map(lambda text: {"N": text})
scalars = st.one_of(
    st.sampled_from(NUMBERS).map(lambda text: {"N": text}),
    st.sampled_from(STRINGS).map(lambda text: {"S": text}),
    st.sampled_from(BINARIES).map(lambda text: {"B": text}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
)
ordered = st.one_of(
    st.sampled_from(NUMBERS).map(lambda text: {"N": text}),
    st.sampled_from(STRINGS).map(lambda text: {"S": text}),
    st.sampled_from(BINARIES).map(lambda text: {"B": text}),
)
ranges = st.one_of(
    st.lists(st.sampled_from(("-1", "0", "1", "3", "100")), min_size=2, max_size=2)
    .map(lambda bounds: sorted(bounds, key=float))
    .map(lambda bounds: [{"N": text} for text in bounds]),
    st.lists(st.sampled_from(("", "a", "b")), min_size=2, max_size=2)
    .map(sorted)
    .map(lambda bounds: [{"S": text} for text in bounds]),
    st.lists(ordered, min_size=2, max_size=2),
)
sets = st.one_of(
    st.lists(st.sampled_from(("a", "b", "c")), min_size=1, max_size=3, unique=True).map(lambda e: {"SS": e}),
    st.lists(st.sampled_from(("1", "2", "-3.5")), min_size=1, max_size=3, unique=True).map(
        lambda e: {"NS": e}
    ),
    st.lists(st.sampled_from(("YQ==", "Yg==")), min_size=1, max_size=2, unique=True).map(lambda e: {"BS": e}),
)
lists = st.lists(st.one_of(ordered, sets), max_size=3).map(lambda elements: {"L": elements})
documents = st.fixed_dictionaries({}, optional={"x": scalars, "y": ordered, "seq": lists}).map(
    lambda entries: {"M": entries}
)
invalid = st.sampled_from(
    (
        {"N": "abc"},
        {"N": ""},
        {"N": "1" * 39},
        {"N": "1E126"},
        {"N": "1E-131"},
        {"SS": []},
        {"SS": ["a", "a"]},
        {"NS": ["1", "1.0"]},
        {"NULL": False},
        {},
        {"S": "a", "N": "1"},
        {"S": ""},
        {"S": 5},
    )
)
partitions = st.sampled_from(("p", "q")).map(lambda text: {"S": text})
keys = st.fixed_dictionaries(
    {"pk": partitions, "sk": st.sampled_from(SORT_NUMBERS).map(lambda text: {"N": text})}
)
bad_keys = st.sampled_from(
    (
        {"pk": {"S": "p"}},
        {"pk": {"S": "p"}, "sk": {"S": "1"}},
        {"pk": {"S": ""}, "sk": {"N": "1"}},
        {"pk": {"S": "p"}, "sk": {"N": "1"}, "more": {"S": "x"}},
        {"pk": {"S": "p" * 2049}, "sk": {"N": "1"}},
        {"pk": {"S": "p"}, "sk": {"N": "x"}},
    )
)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "a": st.one_of(scalars, sets),
        "b": st.one_of(scalars, sets),
        "c": ordered,
        "status": ordered,
        "doc": documents,
        "seq": lists,
        "fresh": st.one_of(sets, numbers),
        "grp": st.sampled_from(("g", "h")).map(lambda text: {"S": text}),
        "place": st.sampled_from(SORT_NUMBERS).map(lambda text: {"N": text}),
        "kind": st.sampled_from(("k", "l")).map(lambda text: {"S": text}),
    },
)


def rarely(draw: st.DrawFn, chance: int = 20) -> bool:
    """True once in so many draws."""
    return draw(st.integers(0, chance - 1)) == chance - 1


@dataclass
class Expression:
    """Text under construction with the placeholders it uses."""

    draw: st.DrawFn
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def value(self, value: Any) -> str:
        name = f":v{len(self.values)}"
        self.values[name] = value
        return name

    def path(self, *pool: str) -> str:
        text = self.draw(st.sampled_from(pool or TOP + NESTED))
        if "#status" in text:
            self.names["#status"] = "status"
        return text

    def put_into(self, request: dict[str, Any]) -> None:
        if rarely(self.draw):
            self.values[":unused"] = {"S": "x"}
        if rarely(self.draw):
            self.names["#unused"] = "x"
        if self.values and rarely(self.draw):
            self.values.popitem()
        if self.names:
            request["ExpressionAttributeNames"] = self.names
        if self.values:
            request["ExpressionAttributeValues"] = self.values

    def condition(self, depth: int = 2, pool: tuple[str, ...] = ()) -> str:
        kind = self.draw(st.sampled_from(("leaf", "leaf", "and", "or", "not") if depth else ("leaf",)))
        if kind == "leaf":
            return self._leaf(pool)
        if kind == "not":
            return f"NOT {self.condition(depth - 1, pool)}"
        left, right = self.condition(depth - 1, pool), self.condition(depth - 1, pool)
        return f"({left} {kind.upper()} {right})"

    def _leaf(self, pool: tuple[str, ...]) -> str:
        path = self.path(*pool)
        kind = self.draw(
            st.sampled_from(("compare", "between", "in", "exists", "type", "begins", "contains", "size"))
        )
        if kind == "compare":
            if rarely(self.draw, 10):
                return f"{path} {self._comparator()} {self.path(*pool)}"
            other = st.one_of(scalars, sets) if rarely(self.draw, 10) else ordered
            return f"{path} {self._comparator()} {self.value(self.draw(other))}"
        if kind == "between":
            low, high = self.draw(ranges)
            return f"{path} BETWEEN {self.value(low)} AND {self.value(high)}"
        if kind == "in":
            return f"{path} IN ({self.value(self.draw(scalars))}, {self.value(self.draw(scalars))})"
        if kind == "exists":
            return f"{self.draw(st.sampled_from(('attribute_exists', 'attribute_not_exists')))}({path})"
        if kind == "type":
            name = self.draw(st.sampled_from(("S", "N", "B", "SS", "L", "M", "BOOL", "NULL")))
            name = "X" if rarely(self.draw) else name
            return f"attribute_type({path}, {self.value({'S': name})})"
        if kind == "begins":
            prefix = (
                ordered if rarely(self.draw) else st.sampled_from(({"S": "a"}, {"S": "ab"}, {"B": "YQ=="}))
            )
            return f"begins_with({path}, {self.value(self.draw(prefix))})"
        if kind == "contains":
            return f"contains({path}, {self.value(self.draw(ordered))})"
        size = self.value({"N": self.draw(st.sampled_from(("0", "1", "2", "3")))})
        return f"size({path}) {self._comparator()} {size}"

    def _comparator(self) -> str:
        return self.draw(st.sampled_from(("=", "<>", "<", "<=", ">", ">=")))

    def update(self) -> str:
        paths = self.draw(st.permutations(TARGETS))
        clauses = self.draw(
            st.lists(st.sampled_from(("SET", "REMOVE", "ADD", "DELETE")), min_size=1, max_size=3, unique=True)
        )
        if rarely(self.draw):
            clauses, paths = [*clauses, clauses[0]], [paths[0], *paths]
        return " ".join(f"{clause} {self._actions(clause, paths)}" for clause in clauses)

    def _actions(self, clause: str, paths: list[str]) -> str:
        return ", ".join(self._action(clause, paths) for _ in range(self.draw(st.integers(1, 2))))

    def _action(self, clause: str, paths: list[str]) -> str:
        path = "pk" if rarely(self.draw, 60) else self.path(paths.pop())
        if clause == "SET":
            return f"{path} = {self._assigned(path)}"
        if clause == "REMOVE":
            return path
        amount = sets if clause == "DELETE" and not rarely(self.draw) else st.one_of(sets, numbers)
        return f"{path} {self.value(self.draw(amount))}"

    def _assigned(self, path: str) -> str:
        if path in KEY_VALUES and not rarely(self.draw):
            return self.value(self.draw(st.sampled_from(KEY_VALUES[path])))
        kind = self.draw(st.sampled_from(("value", "value", "path", "sum", "default", "append")))
        if kind == "value":
            return self.value(self.draw(st.one_of(scalars, sets, lists, documents)))
        if kind == "path":
            return self.path()
        if kind == "sum":
            sign = self.draw(st.sampled_from("+-"))
            return f"{self._number()} {sign} {self._number()}"
        if kind == "default":
            return f"if_not_exists({self.path()}, {self.value(self.draw(scalars))})"
        return f"list_append({self.path('seq', 'doc.seq')}, {self.value(self.draw(lists))})"

    def _number(self) -> str:
        if self.draw(st.booleans()):
            return self.path("a", "c", "place")
        return self.value({"N": self.draw(st.sampled_from(NUMBERS))})


@st.composite
def puts(draw: st.DrawFn) -> Request:
    item = {**draw(bad_keys if rarely(draw) else keys), **draw(attributes)}
    if rarely(draw, 8):
        item[draw(st.sampled_from(("a", "grp", "place", "kind", "pk", "sk")))] = draw(
            st.one_of(invalid, scalars)
        )
    request: dict[str, Any] = {"Item": item}
    _add_condition(draw, request)
    return "PutItem", request


@st.composite
def deletes(draw: st.DrawFn) -> Request:
    request: dict[str, Any] = {"Key": draw(bad_keys if rarely(draw) else keys)}
    _add_condition(draw, request)
    return "DeleteItem", request


def _add_condition(draw: st.DrawFn, request: dict[str, Any]) -> None:
    request["ReturnValues"] = draw(st.sampled_from(("NONE", "ALL_OLD")))
    if draw(st.booleans()):
        expression = Expression(draw)
        request["ConditionExpression"] = expression.condition()
        expression.put_into(request)


@st.composite
def updates(draw: st.DrawFn) -> Request:
    request: dict[str, Any] = {
        "Key": draw(bad_keys if rarely(draw) else keys),
        "ReturnValues": draw(st.sampled_from(("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"))),
    }
    expression = Expression(draw)
    request["UpdateExpression"] = expression.update()
    if rarely(draw, 4):
        request["ConditionExpression"] = expression.condition(1)
    expression.put_into(request)
    return "UpdateItem", request


@st.composite
def gets(draw: st.DrawFn) -> Request:
    request: dict[str, Any] = {
        "Key": draw(bad_keys if rarely(draw) else keys),
        "ConsistentRead": draw(st.booleans()),
    }
    if draw(st.booleans()):
        expression = Expression(draw)
        request["ProjectionExpression"] = ", ".join(expression.path() for _ in range(draw(st.integers(1, 3))))
        expression.put_into(request)
    return "GetItem", request


@st.composite
def queries(draw: st.DrawFn) -> Request:
    expression = Expression(draw)
    index = draw(st.sampled_from((None, None, "ByGroup", "ByKind")))
    partition, sort = {None: ("pk", "sk"), "ByGroup": ("grp", "place"), "ByKind": ("kind", "sk")}[index]
    chosen = {"pk": ("p", "q"), "grp": ("g", "h"), "kind": ("k", "l")}[partition]
    text = f"{partition} = {expression.value({'S': draw(st.sampled_from(chosen))})}"
    if (index != "ByKind" and draw(st.booleans())) or rarely(draw):
        text += f" AND {_sort_condition(draw, expression, sort)}"
    request: dict[str, Any] = {
        "KeyConditionExpression": text,
        "ScanIndexForward": draw(st.booleans()),
    }
    if index:
        request["IndexName"] = index
    if draw(st.booleans()):
        request["Limit"] = draw(st.integers(1, 4))
    _add_filter(draw, expression, request)
    expression.put_into(request)
    return "Query", request


def _sort_condition(draw: st.DrawFn, expression: Expression, sort: str) -> str:
    def number() -> str:
        return expression.value({"N": draw(st.sampled_from(SORT_NUMBERS))})

    kind = draw(st.sampled_from(("=", "<", "<=", ">", ">=", "between", "between", "wrong", "<>", "prefix")))
    if kind == "between":
        return f"{sort} BETWEEN {number()} AND {number()}"
    if kind == "wrong":
        return f"{sort} = {expression.value({'S': 'x'})}"
    if kind == "prefix":
        return f"begins_with({sort}, {expression.value({'S': '1'})})"
    return f"{sort} {kind} {number()}"


def _add_filter(draw: st.DrawFn, expression: Expression, request: dict[str, Any]) -> None:
    if rarely(draw, 3):
        request["FilterExpression"] = expression.condition(1, (*TOP, "doc.x", "seq[0]", "sk"))
    if rarely(draw, 4):
        request["Select"] = "COUNT"


@st.composite
def scans(draw: st.DrawFn) -> Request:
    request: dict[str, Any] = {}
    expression = Expression(draw)
    _add_filter(draw, expression, request)
    expression.put_into(request)
    if draw(st.booleans()):
        request["Limit"] = draw(st.integers(1, 6))
    return "Scan", request


@st.composite
def batches(draw: st.DrawFn) -> Request:
    size = 26 if rarely(draw) else draw(st.integers(1, 6))
    chosen = draw(st.lists(keys, min_size=size, max_size=size))
    writes: list[dict[str, Any]] = []
    for chosen_key in chosen:
        if draw(st.booleans()):
            writes.append({"PutRequest": {"Item": {**chosen_key, **draw(attributes)}}})
        else:
            writes.append({"DeleteRequest": {"Key": chosen_key}})
    return "BatchWriteItem", {"RequestItems": {"events": writes}}


requests = st.one_of(
    puts(), puts(), puts(), updates(), updates(), deletes(), gets(), queries(), queries(), scans(), batches()
)
