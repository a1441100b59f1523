"""`python -m app.cli` is `pygai`."""

from app.cli import main

main()
