"""Writes ../spec.json: the shapes of Retell's REST API, read from its official SDK.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python generate.py

Where a value goes (path, query, body) is read from the sources of the SDK's
methods, what it looks like from their types. Names, types, enumerations and
what is required are kept; none of the prose is. One line each, so that a newer
SDK shows as a readable difference.
"""

import ast
import hashlib
import importlib
import inspect
import json
import pathlib
import pkgutil
import sys
import textwrap
import typing

import retell
import retell.resources
import retell.types
import typing_extensions
from pydantic import TypeAdapter, WithJsonSchema

# What has the same name in JSON Schema and here; the rest is prose.
KEYWORDS = {"type", "required", "items", "additionalProperties", "anyOf", "const", "enum"}
VERBS = {"_get": "GET", "_get_api_list": "GET", "_post": "POST", "_patch": "PATCH", "_put": "PUT", "_delete": "DELETE"}
FILE = typing.Annotated[typing.Any, WithJsonSchema({"type": "file"})]


def modules(package):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield importlib.import_module(module.name)


def make_readable():
    """Types stand in the SDK as texts, in which pydantic misses `Required[…]`;
    and files, of which only that they are files is said."""
    for module in modules(retell.types):
        if hasattr(module, "FileTypes"):
            module.FileTypes = FILE
        for it in vars(module).values():
            if typing_extensions.is_typeddict(it) and it.__module__ == module.__name__:
                fields = {}
                for base in reversed(it.__mro__):
                    fields.update(getattr(base, "__annotations__", {}))
                text = {name: getattr(kind, "__forward_arg__", str(kind)) for name, kind in fields.items()}
                it.__required_keys__ = frozenset(name for name, kind in text.items() if "Required[" in kind)
                it.__optional_keys__ = frozenset(fields) - it.__required_keys__


class Shapes:
    """Shapes by name; what occurs more than once is said once."""

    def __init__(self):
        self.named = {}
        self.used = {}

    def of(self, kind):
        schema = TypeAdapter(kind).json_schema()
        return self.read(schema, schema.get("$defs", {}), ())

    def read(self, schema, definitions, within):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            # What contains itself (JSON in JSON) may be anything.
            return {} if name in within else self.read(definitions[name], definitions, (*within, name))
        shape = {key: value for key, value in schema.items() if key in KEYWORDS}
        if isinstance(shape.get("additionalProperties"), bool):
            del shape["additionalProperties"]
        for key in ("items", "additionalProperties"):
            if key in shape:
                shape[key] = self.read(shape[key], definitions, within)
        if "properties" in schema:
            shape["properties"] = {
                name: self.read(value, definitions, within) for name, value in schema["properties"].items()
            }
        if "anyOf" in shape:
            shape["anyOf"] = self.either(self.read(one, definitions, within) for one in shape["anyOf"])
        if "oneOf" in schema:
            shape["anyOf"] = self.either(self.read(one, definitions, within) for one in schema["oneOf"])
        if "const" in shape or "enum" in shape:
            shape.pop("type", None)
        return shape["anyOf"][0] if len(shape.get("anyOf", ())) == 1 else shape

    @staticmethod
    def either(shapes):
        flat = []
        for shape in shapes:
            for one in shape["anyOf"] if set(shape) == {"anyOf"} else [shape]:
                if one not in flat:
                    flat.append(one)
        return flat

    def share(self, shape):
        """The shape with all that is large in it named."""
        if isinstance(shape, list):
            return [self.share(one) for one in shape]
        if not isinstance(shape, dict):
            return shape
        shared = {
            key: {name: self.share(one) for name, one in value.items()} if key == "properties" else self.share(value)
            for key, value in shape.items()
        }
        text = compact(shared)
        if len(text) <= 60 or "type" not in shared and "anyOf" not in shared and "enum" not in shared:
            return shared
        name = hashlib.sha1(text.encode()).hexdigest()[:8]
        self.named[name] = shared
        self.used[name] = self.used.get(name, 0) + 1
        return {"$ref": name}

    def unshare(self, shape):
        """The shape without names for what occurs once."""
        if isinstance(shape, list):
            return [self.unshare(one) for one in shape]
        if not isinstance(shape, dict):
            return shape
        if set(shape) == {"$ref"} and self.used[shape["$ref"]] == 1:
            return self.unshare(self.named[shape["$ref"]])
        return {key: self.unshare(value) for key, value in shape.items()}


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def argument(call, name):
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def transformed(value):
    """Of `maybe_transform(fields, module.Params)`: the fields' names, or None for all of
    them, and the parameters' type."""
    if value is None:
        return None
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "maybe_transform":
            fields, kind = node.args
            names = [key.value for key in fields.keys] if isinstance(fields, ast.Dict) else None
            module = importlib.import_module(f"retell.types.{kind.value.id}")
            return names, getattr(module, kind.attr)
    return None


def part(shapes, found):
    if found is None:
        return None
    names, kind = found
    shape = shapes.of(kind)
    if names is not None:
        shape["properties"] = {name: one for name, one in shape["properties"].items() if name in names}
        required = [name for name in shape.get("required", []) if name in names]
        shape.pop("required", None)
        if required:
            shape["required"] = required
    return shape


def operations(shapes):
    found = {}
    for module in modules(retell.resources):
        for name, resource in vars(module).items():
            if not (inspect.isclass(resource) and resource.__module__ == module.__name__):
                continue
            if name.startswith("Async") or "With" in name:
                continue
            for method in vars(resource).values():
                if inspect.isfunction(method):
                    add(found, shapes, method)
    return found


def add(found, shapes, method):
    tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
    for call in ast.walk(tree):
        verb = isinstance(call, ast.Call) and VERBS.get(getattr(call.func, "attr", ""))
        if not verb:
            continue
        path = call.args[0]
        path = (path.args[0] if isinstance(path, ast.Call) else path).value
        operation = found.setdefault(f"{verb} {path}", {})
        options = argument(call, "options")
        body = argument(call, "body")
        parts = {
            "query": part(shapes, options and transformed(argument(options, "query"))),
            "request": part(shapes, transformed(body)),
            "response": response(shapes, method),
        }
        if argument(call, "files") is not None:
            operation["multipart"] = True
        for key, shape in parts.items():
            if shape is None or shape == {}:
                continue
            known = operation.get(key)
            if known is not None and known != shape:
                shape = {"anyOf": shapes.either([known, shape])}
            operation[key] = shape


def response(shapes, method):
    kind = typing_extensions.get_type_hints(method).get("return")
    return None if kind in (None, type(None)) else shapes.of(kind)


def main():
    make_readable()
    shapes = Shapes()
    found = operations(shapes)
    parts = ("query", "request", "response")
    shared = {
        name: {key: shapes.share(value) if key in parts else value for key, value in operation.items()}
        for name, operation in found.items()
    }
    shared = {name: {key: shapes.unshare(value) for key, value in one.items()} for name, one in shared.items()}
    named = {name: shapes.unshare(shape) for name, shape in shapes.named.items() if shapes.used[name] > 1}

    def lines(entries):
        return ",\n".join(f"{compact(name)}:{compact(entries[name])}" for name in sorted(entries))

    text = (
        f'{{"sdk":"retell-sdk {retell.__version__}",\n'
        f'"operations":{{\n{lines(shared)}\n}},\n"shapes":{{\n{lines(named)}\n}}}}\n'
    )
    pathlib.Path(__file__).parent.parent.joinpath("spec.json").write_text(text)
    print(f"{len(shared)} operations, {len(named)} shared shapes, {len(text)} bytes", file=sys.stderr)


main()
