"""The command's door in a checkout: `python -m cli` is `python -m palate`."""

from palate.command import app, main

__all__ = ["app", "main"]

if __name__ == "__main__":
    main()
