"""The real child of a worker, that stops between registering a version and giving it its alias.

`held_child.py FOLDER PARENT`: it stops for as long as the folder holds a file `hold`, and leaves
the file `reached` there.
"""

import sys
import time
from pathlib import Path

from mlflow import MlflowClient

from training.jobs import child


def main():
    folder = Path(sys.argv.pop(1))
    set_alias = MlflowClient.set_registered_model_alias

    def held(self, name, alias, version):
        (folder / "reached").write_text(f"{alias} {version}")
        while (folder / "hold").exists():
            time.sleep(0.02)
        return set_alias(self, name, alias, version)

    MlflowClient.set_registered_model_alias = held
    child.main()


if __name__ == "__main__":
    main()
