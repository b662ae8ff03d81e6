"""Small functions as scientists write them, each with points; test_battery.py checks their derivatives."""
