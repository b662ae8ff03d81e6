"""The stages put together for one function and one signature; `derive.py` first."""
