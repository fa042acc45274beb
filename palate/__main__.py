"""`python -m palate`: the command where no console script is on the path."""

from palate.command import main

if __name__ == "__main__":
    main()
