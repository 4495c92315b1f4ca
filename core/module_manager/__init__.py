"""Which modules there are, their load order, and classes by name; what modules bring with them is read elsewhere."""

from core.module_manager.abstract_module import AbstractModule
from core.module_manager.class_reference import load_class
from core.module_manager.module import Module
from core.module_manager.module_manager import ModuleManager

__all__ = ["AbstractModule", "Module", "ModuleManager", "load_class"]
