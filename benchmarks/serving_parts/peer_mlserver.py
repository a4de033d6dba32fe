"""Peer: MLServer with boosters in its own process (its fastest way), one runtime of ours.

Needs an environment of its own: see `benchmarks/serving.py`. `one` answers with the first booster,
`all` with every one in a loop.
"""

from pathlib import Path

import numpy as np
import xgboost
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Boosters(MLModel):
    """Every booster of a folder, or the first alone."""

    async def load(self) -> bool:
        paths = sorted(Path(self.settings.parameters.uri).glob("*.ubj"))
        self.boosters = []
        for path in paths if self.name == "all" else paths[:1]:
            booster = xgboost.Booster()
            booster.load_model(path)
            booster.set_param({"nthread": 1})
            self.boosters.append(booster)
        return True

    async def predict(self, payload):
        """Answer in the V2 protocol."""
        rows = NumpyCodec.decode_input(payload.inputs[0]).astype(np.float32)
        found = np.stack([booster.inplace_predict(rows) for booster in self.boosters], axis=1)
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output("predictions", found)]
        )
