"""Seeds of programs that adtrans still gets wrong or crashes on: bugs, not exceptions.

Made by `tools/census 0 2000 2`. Each is to be mended and taken out; the test fails for a seed that
is here and no longer fails.
"""

KNOWN: dict[int, str] = {
    56: "crashed (ValueError in copy)",
    264: "crashed (ValueError in f_bwd)",
    679: "crashed (ValueError in copy)",
}
