"""What may be done: verbs over nouns; the first argument is the session (服务)."""
