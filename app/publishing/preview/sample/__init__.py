"""A small site of our own, with everything that a theme has to cope with: what `pygai theme preview` shows."""
