"""Lock tensorflow-cpu where it exists, in place of tensorflow: python requirements/without_cuda.py FILES"""

import re
import sys
from pathlib import Path

LINUX = "sys_platform == 'linux' and platform_machine == 'x86_64'"
OTHERS = "sys_platform != 'linux' or platform_machine != 'x86_64'"

for name in sys.argv[1:]:
    path = Path(name)
    lines = [line for line in path.read_text("utf8").splitlines() if not line.startswith("tensorflow-cpu==")]
    versions = [re.match(r"tensorflow==([^ ;]+)", line) for line in lines]
    pinned = [
        [f"tensorflow-cpu=={found[1]} ; {LINUX}", f"tensorflow=={found[1]} ; {OTHERS}"] if found else [line]
        for line, found in zip(lines, versions, strict=True)
    ]
    path.write_text("".join(f"{line}\n" for some in pinned for line in some), "utf8")
