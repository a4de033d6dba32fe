"""Jobs over HTTP: submitted, listed, watched as they go, cancelled, resumed; workers run them."""
