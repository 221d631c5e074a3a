"""`python -m tests.golden.rewrite` writes the expected files anew; review the difference by hand."""

import shutil
import tempfile
from pathlib import Path

from tests.golden.case import cases, run


def main() -> None:
    for case in cases():
        with tempfile.TemporaryDirectory() as work:
            found = run(case, Path(work))
        shutil.rmtree(case / "expected", ignore_errors=True)
        for name, data in found.items():
            path = case / "expected" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        print(f"{case.name}: {len(found)} files")


if __name__ == "__main__":
    main()
