"""All rewrites by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamorphic import annotating, contexts, extracting, formatting, importing, moving, renaming, routes, values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamorphic.rewrite import Rewrite

_ALL: tuple[Rewrite, ...] = (
    renaming.renamed_local,
    renaming.renamed_parameter,
    renaming.renamed_definition,
    renaming.aliased_import,
    renaming.renamed_module,
    importing.module_import,
    importing.member_import,
    extracting.extracted_expression,
    extracting.named_expression,
    extracting.extracted_tail,
    extracting.extracted_statement,
    extracting.inlined_function,
    moving.reordered,
    moving.moved_definition,
    moving.made_by_factory,
    moving.made_at_once,
    routes.registered_route,
    routes.decorated_route,
    routes.registered_handler,
    routes.called_dependency,
    routes.injected_call,
    contexts.dictionary_context,
    contexts.plain_context,
    annotating.quoted_annotation,
    annotating.optional,
    annotating.union,
    annotating.default_dependency,
    annotating.annotated_alias,
    annotating.bare_assignment,
    annotating.unannotated_result,
    values.named_constant,
    values.inlined_constant,
    values.inverted_if,
    values.else_branch,
    values.keyword_arguments,
    values.named_status,
    values.joined_text,
    formatting.requoted,
    formatting.exploded_call,
    formatting.commented,
    formatting.undocumented,
    formatting.parenthesised,
    formatting.unparsed,
    formatting.split_text,
)

REWRITES: Mapping[str, Rewrite] = {rewrite.__name__: rewrite for rewrite in _ALL}
