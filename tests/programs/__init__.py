"""Random programs of the whole language, and the oracle that judges what adtrans makes of them."""
