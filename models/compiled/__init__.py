"""A bundle made ready for answering requests: NumPy alone, all drugs of a profile at once."""

from models.compiled.answers import CompiledAnswers, GeneReport
from models.compiled.bundle import CompiledBundle
from models.compiled.explanations import CompiledExplanations

__all__ = ["CompiledAnswers", "CompiledBundle", "CompiledExplanations", "GeneReport"]
