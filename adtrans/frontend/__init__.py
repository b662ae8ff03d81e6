"""From source text to the surface IR: `source` reads a module, `scopes` finds who reads and binds what,
`adtrans.resolve` finds what the free names mean, `expressions` and `statements` lower."""
