"""Arrays that have two names get one; `rewrite.py` first."""
