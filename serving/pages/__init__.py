"""Pages for people: what the service is, a form for predictions, and what is known of each drug."""
