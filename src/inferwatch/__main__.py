"""`python -m inferwatch` is the `inferwatch` command."""

from inferwatch.cli import main

main()
