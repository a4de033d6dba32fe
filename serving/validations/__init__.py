"""Would these profiles be accepted? The report of `cupromark validate` over HTTP."""
