"""`python -m adtrans` is `adtrans`."""

from adtrans.cli import main

main()
