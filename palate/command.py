"""The `palate` command: its groups, and the handling of errors, signals, streams and exit codes."""

import gc
import io
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from corpora.errors import InputError, RunError
from corpora.extras import missing
from palate.commands import (
    annotate,
    corpus,
    cuisines,
    discussed,
    drivers,
    enhance,
    find,
    images,
    restaurants,
    search,
    simulate,
    topic_tools,
    topics,
    vectors,
)
from palate.console import fail, one_line, say


class _Palate(TyperGroup):
    """Ends users' mistakes, failed runs, full disks and missing extras with one line; other exceptions are bugs, so they pass.

    Exit codes: 1 for a failed run, 2 for a mistake of the user, 130 for Ctrl-C.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        self._args = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        args = self._args
        try:
            return super().invoke(ctx)
        except InputError as error:
            fail(one_line(error), 2)
        except RunError as error:
            fail(one_line(error), 1)
        except (FileNotFoundError, IsADirectoryError) as error:
            if not _is_argument(error.filename, args):
                raise
            fail(one_line(error), 2)
        except ModuleNotFoundError as error:
            message = missing(error)
            if message is None:
                raise
            fail(message, 2)
        except ValueError as error:
            if type(error).__module__.startswith(("confection", "catalogue")):
                fail(one_line(ValueError(str(error).split("\n{")[0])), 2)  # without the complete config, which it quotes
            if not str(error).startswith("[E"):  # the code of spaCy's own messages about its input
                raise
            fail(one_line(error), 2)
        except RuntimeError as error:
            if str(error) != "Query interrupted":  # DuckDB's message for Ctrl-C
                raise
            fail("stopped", 130)
        except BrokenPipeError:
            raise
        except OSError as error:
            fail(one_line(error), 1)
        except KeyboardInterrupt:
            fail("stopped", 130)


def _is_argument(path: Any, args: list[str]) -> bool:
    """Whether a path is one of the arguments, or inside one: any other missing file is a bug of ours."""
    if not path:
        return False
    path = os.path.abspath(os.fsdecode(path))
    values = [arg.partition("=")[2] if arg.startswith("--") and "=" in arg else arg for arg in args]
    named = [os.path.abspath(value) for value in values if value and "\0" not in value]
    return any(path == name or Path(name) in Path(path).parents for name in named)


_PLAIN: dict[str, Any] = {"no_args_is_help": True, "add_completion": False, "rich_markup_mode": None}
app = typer.Typer(cls=_Palate, pretty_exceptions_enable=False, **_PLAIN)
for _group in (corpus, annotate, find, cuisines, search, discussed, drivers, enhance):
    _group.mount(app)
for _name, _help, _group in (
    ("topics", "Fit topic models to reviews; show, evaluate and use them.", topics),
    ("restaurants", "Build knowledge bases of restaurants, for linking.", restaurants),
    ("vectors", "Learn food vectors: which words are used alike in reviews.", vectors),
    ("images", "Train a U-Net GAN on pictures; show the models that ship with palate.", images),
    ("simulate", "Draw samples from generative models.", simulate),
):
    _sub = typer.Typer(**_PLAIN, help=_help)
    _group.mount(_sub)
    if _group is topics:
        topic_tools.mount(_sub)
    app.add_typer(_sub, name=_name)
vectors.mount_similar(app)


def main() -> None:
    """Entry point of the console script."""
    os.environ["MPLBACKEND"] = "agg"  # charts are written to files; a backend for notebooks may be set, and fail here
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds the stack, so that no half-written file is left
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "r" if name == "stdin" else "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a character that the terminal does not have must not end the command
    try:
        try:
            app()
        finally:
            gc.freeze()  # saves 50 ms: at its end, Python does not look for reference cycles in all that was imported
            sys.stdout.flush()
    except OSError as error:  # the rest of the buffer cannot be written: the reader has ended, or the disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        is_reported = isinstance(error.__context__, SystemExit) and error.__context__.code
        if not is_reported and not isinstance(error, BrokenPipeError):
            say(f"palate: {one_line(error)}")
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"palate {version('palate')}")
        raise typer.Exit


@app.callback()
def _palate(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Find topics, entities and restaurants in reviews, on spaCy's Doc; clean and enlarge pictures."""
