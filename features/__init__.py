"""What an expression profile is, and what is computed from it."""
