"""What the files of core, the modules and the installation declare, merged; nothing here acts upon it."""

from core.metadata.layer import CORE, OWN, Layer
from core.metadata.metadata import Metadata
from core.metadata.overrides import Override

__all__ = ["CORE", "OWN", "Layer", "Metadata", "Override"]
