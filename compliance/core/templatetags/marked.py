"""Texts that mark names of code by `backticks`, as OpenAPI documents do."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

MARKED = re.compile(r"`([^`]+)`")

register = template.Library()


@register.filter
def marked(text: str) -> SafeString:
    """The text as HTML, in which what stands between backticks is code; everything else is escaped."""
    return mark_safe(MARKED.sub(r"<code>\1</code>", conditional_escape(text)))  # noqa: S308 - it is escaped
