"""Derivative rules, one file per family."""

FAMILIES = (
    "operators",
    "elementwise",
    "reductions",
    "running",
    "shaping",
    "joining",
    "repeating",
    "diagonals",
    "products",
    "einsum",
    "creation",
    "selection",
    "curves",
    "norms",
    "linalg",
    "decompositions",
    "mathematics",
    "python",
    "helpers",
)
