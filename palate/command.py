"""The `palate` command: mounts the groups; signals, streams and exit codes."""

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
from palate.commands import annotate, corpus, enhance, guide, images, restaurants, simulate, topics, vectors
from palate.console import fail, one_line, say


class _Palate(TyperGroup):
    """Users' mistakes, failed runs, full disks and missing extras end in one line; what is left is a bug and shows itself."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        self._given = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        given = self._given
        try:
            return super().invoke(ctx)
        except InputError as error:
            fail(one_line(error), 2)
        except RunError as error:
            fail(one_line(error), 1)
        except (FileNotFoundError, IsADirectoryError) as error:
            if not _is_given(error.filename, given):
                raise
            fail(one_line(error), 2)
        except ModuleNotFoundError as error:
            message = missing(error)
            if message is None:
                raise
            fail(message, 2)
        except ValueError as error:
            if type(error).__module__.startswith(("confection", "catalogue")):
                fail(one_line(ValueError(str(error).split("\n{")[0])), 2)  # without the config that it quotes whole
            if not str(error).startswith("[E"):  # spaCy's own words for what it was given
                raise
            fail(one_line(error), 2)
        except RuntimeError as error:
            if str(error) != "Query interrupted":  # DuckDB's word for Ctrl-C
                raise
            fail("stopped", 130)
        except BrokenPipeError:
            raise
        except OSError as error:
            fail(one_line(error), 1)
        except KeyboardInterrupt:
            fail("stopped", 130)


def _is_given(path: Any, args: list[str]) -> bool:
    """Whether a path is what the user named, or lies below that; any other missing file is a bug of ours."""
    if not path:
        return False
    path = os.path.abspath(os.fsdecode(path))
    values = [arg.partition("=")[2] if arg.startswith("--") and "=" in arg else arg for arg in args]
    named = [os.path.abspath(value) for value in values if value and "\0" not in value]
    return any(path == name or Path(name) in Path(path).parents for name in named)


_PLAIN: dict[str, Any] = {"no_args_is_help": True, "add_completion": False, "rich_markup_mode": None}
app = typer.Typer(cls=_Palate, pretty_exceptions_enable=False, **_PLAIN)
for _group in (corpus, annotate, guide, enhance):
    _group.mount(app)
for _name, _help, _group in (
    ("topics", "Fit topic models on reviews and look at them.", topics),
    ("restaurants", "Knowledge bases of restaurants that mentions are linked to.", restaurants),
    ("vectors", "Food vectors: words that are used alike in reviews.", vectors),
    ("images", "Train a U-Net GAN on pictures; see the models that ship.", images),
    ("simulate", "Generative models, understood by sampling from them.", simulate),
):
    _sub = typer.Typer(**_PLAIN, help=_help)
    _group.mount(_sub)
    app.add_typer(_sub, name=_name)
vectors.mount_similar(app)


def main() -> None:
    """Entry point of the console script."""
    os.environ["MPLBACKEND"] = "agg"  # charts are written to files, whatever the user's notebooks draw on
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that no half-written file is left
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "r" if name == "stdin" else "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter is no reason to stop
    try:
        try:
            app()
        finally:
            gc.freeze()  # at its end Python need not look for rings among all that was imported: 50 ms
            sys.stdout.flush()
    except OSError as error:  # what is left in the buffer cannot be written: nobody reads on, or the disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        is_said = isinstance(error.__context__, SystemExit) and error.__context__.code
        if not is_said and not isinstance(error, BrokenPipeError):
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
    """Topics, entities and restaurants in reviews, on spaCy's Doc; pictures cleaned and enlarged."""
