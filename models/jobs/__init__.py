"""Durable jobs: what is asked for, where it stands, and the board that both sides share."""
