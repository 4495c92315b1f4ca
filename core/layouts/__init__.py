"""What lists and forms show, and in which order; nothing here draws them."""

from core.layouts.layout_manager import LayoutLayer, LayoutManager

__all__ = ["LayoutLayer", "LayoutManager"]
