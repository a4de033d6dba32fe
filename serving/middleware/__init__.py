"""What every request passes, whatever its route: pure ASGI, each with one duty."""
