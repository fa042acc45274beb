"""`python -m palate`: the command, if the console script is not on the path."""

from palate.command import main

if __name__ == "__main__":
    main()
