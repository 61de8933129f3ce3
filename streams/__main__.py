"""`python -m streams`: the command `groundswell`, for processes that start others."""

from streams.cli import main

main(prog_name="groundswell")
