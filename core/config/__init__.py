"""The settings of one installation, `data/config.py`: reading, judging and saving them; nothing that acts upon them."""

from core.config.config import Config

__all__ = ["Config"]
