"""What a name means: imports, re-exports, aliases, classes and their bases, across modules.

`Project` answers what a name or dotted expression means in a scope, reading modules only when asked;
`Hierarchy` answers what a class inherits. Nothing here knows of ChatKit or of values: see `flow`.
"""

from __future__ import annotations

from chatkit_validate.names.classes import Hierarchy
from chatkit_validate.names.library import ancestors, canonical
from chatkit_validate.names.module import Module
from chatkit_validate.names.project import Definition, External, Namespace, Project, Variable, annotation
from chatkit_validate.names.scope import Binding, Binds, Class, Function, Scope
from chatkit_validate.names.syntax import arguments, blocks
from chatkit_validate.source.nodes import children

__all__ = [
    "Binding",
    "Binds",
    "Class",
    "Definition",
    "External",
    "Function",
    "Hierarchy",
    "Module",
    "Namespace",
    "Project",
    "Scope",
    "Variable",
    "ancestors",
    "annotation",
    "arguments",
    "blocks",
    "canonical",
    "children",
]
