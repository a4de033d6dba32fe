import gc
import weakref

from models.compiled import CompiledBundle


def test_a_bundle_that_is_let_go_leaves_memory_at_once(bundle, profiles):
    compiled = CompiledBundle(bundle)
    question = (list(profiles.columns), profiles.to_numpy())
    for ask in (compiled.predict, compiled.explain):
        ask(*question, scale="rma_log2", lineage="Ovary")
    # The service keeps what it had at its start from the collector of cycles.
    gc.collect()
    gc.disable()
    try:
        gone = weakref.ref(compiled)
        del ask, compiled
        assert gone() is None
    finally:
        gc.enable()
