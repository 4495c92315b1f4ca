"""Texts made from templates and data; where the data come from is not known here."""

from core.templating.twig import Twig

__all__ = ["Twig"]
