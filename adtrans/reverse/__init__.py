"""Reverse mode, first half: the adjoint of every statement; `statements.py` first, then what it inherits."""
