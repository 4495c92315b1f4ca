"""Takes what the panel's pages load from npm's packages into core/web/static/vendor, with the licences.

    python scripts/vendor_web.py

Needs npm, and the network; nobody else does: what it writes is part of the repository. To move to another version
change it here, run this, look at the pages, and commit what changed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

_STATIC = Path(__file__).resolve().parents[1] / "core" / "web" / "static"
_VENDOR = _STATIC / "vendor"
_AXE = Path(__file__).resolve().parents[1] / "tests" / "acceptance" / "panel" / "axe"

#: By package with its version: which of its files go where.
_PACKAGES = {
    "@tabler/core@1.6.1": {"dist/css/tabler.min.css": _VENDOR / "tabler" / "tabler.min.css"},
    "htmx.org@2.0.11": {
        "dist/htmx.min.js": _VENDOR / "htmx" / "htmx.min.js",
        "LICENSE": _VENDOR / "htmx" / "LICENSE",
    },
    "uplot@1.6.32": {
        "dist/uPlot.iife.min.js": _VENDOR / "uplot" / "uPlot.iife.min.js",
        "dist/uPlot.min.css": _VENDOR / "uplot" / "uPlot.min.css",
        "LICENSE": _VENDOR / "uplot" / "LICENSE",
    },
    "swagger-ui-dist@5.35.0": {
        name: _VENDOR / "swagger-ui" / name
        for name in (
            *("swagger-ui-bundle.js", "swagger-ui.css"),
            *("LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"),
        )
    },
    "axe-core@4.14.1": {"axe.min.js": _AXE / "axe.min.js", "LICENSE": _AXE / "LICENSE"},
}
_ICON_PACKAGE = "@phosphor-icons/core@2.1.1"
#: The icons of Phosphor that pages use; metadata name them as AtroCore does, `ph ph-clock`.
_ICONS = """
    arrow-clockwise arrow-counter-clockwise arrow-left arrow-right arrows-clockwise bell book-open briefcase bug
    buildings calendar calendar-check caret-down caret-left caret-right caret-up chart-bar chart-line check
    check-circle circle circle-half clipboard clock clock-counter-clockwise copy cpu cube currency-eur database
    desktop dots-three envelope eye factory file file-text flask folder funnel gauge gear globe hard-drives
    hourglass house image info key keyboard lightning link list list-bullets list-checks lock magnifying-glass
    memory moon note package pause pencil-simple play plus prohibit puzzle-piece question robot rows shield-check
    shopping-cart sign-in sign-out skip-forward sliders-horizontal spinner squares-four stack stop sun table tag
    terminal-window timer translate trash tree-structure truck user user-circle users warning warning-circle wrench
    x x-circle
"""


def main() -> None:
    """Fetch all of them."""
    shutil.rmtree(_VENDOR, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for package, files in _PACKAGES.items():
            source = _fetch(package, folder)
            for there, here in files.items():
                here.parent.mkdir(parents=True, exist_ok=True)
                # An editor's map is not taken along, so nobody is to be sent for it.
                text = re.sub(r"\s*(/\*|//)# sourceMappingURL=.*", "", (source / there).read_text())
                here.write_text(text.rstrip() + "\n")
        icons = _fetch(_ICON_PACKAGE, folder)
        target = _VENDOR / "phosphor"
        target.mkdir(parents=True)
        shutil.copy(icons / "LICENSE", target / "LICENSE")
        (target / "icons.svg").write_text(_sprite(icons / "assets" / "regular"))
    versions = "\n".join(f"- {each}" for each in [*_PACKAGES, _ICON_PACKAGE] if not each.startswith("axe"))
    (_VENDOR / "README.md").write_text(
        f"Made by `python scripts/vendor_web.py`; nothing in here is changed by hand. The licences\n"
        f"lie beside them, that of Tabler (MIT) stands at the top of its file.\n\n{versions}\n"
    )


def _fetch(package: str, folder: Path) -> Path:
    packed = subprocess.run(["npm", "pack", "-s", package], cwd=folder, check=True, capture_output=True, text=True)
    target = folder / re.sub(r"\W", "-", package)
    with tarfile.open(folder / packed.stdout.strip()) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def _sprite(folder: Path) -> str:
    symbols = []
    for icon in _ICONS.split():
        inner = re.sub(r"^<svg[^>]*>|</svg>$", "", (folder / f"{icon}.svg").read_text().strip())
        symbols.append(f'<symbol id="{icon}" viewBox="0 0 256 256">{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


if __name__ == "__main__":
    main()
