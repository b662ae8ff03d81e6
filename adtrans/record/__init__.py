"""Reverse mode, second half: what is recorded, and both sweeps; `sweeps.py` first."""
