"""Facts about a function, each kept in plain dicts beside the IR."""
