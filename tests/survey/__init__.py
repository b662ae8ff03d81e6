"""adtrans on code that was not written for it: see tools/survey."""
