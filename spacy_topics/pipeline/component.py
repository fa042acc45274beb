"""What components that work on batches share: one document, a stream of them, and spaCy's handler of failing batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from spacy.tokens import Doc
from spacy.util import minibatch, raise_error


class ByBatch:
    """A component is its `name` and `annotate(docs)`; the rest of spaCy's protocol for calling one stands here."""

    name: str
    error_handler: Callable[..., Any] = staticmethod(raise_error)

    def annotate(self, docs: Sequence[Doc]) -> None:
        """Set what the component sets, on all of these documents."""
        raise TypeError(f"{type(self).__name__} has no annotate")

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one document."""
        self.annotate([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 256) -> Iterator[Doc]:
        """Annotate a stream of documents, a batch at a time; a batch that fails goes to the error handler."""
        for docs in minibatch(stream, size=batch_size):
            try:
                self.annotate(docs)
            except Exception as error:
                self.error_handler(self.name, self, docs, error)
            else:
                yield from docs

    def get_error_handler(self) -> Callable[..., Any]:
        """spaCy's handler for failing batches; without one, errors are raised."""
        return self.error_handler

    def set_error_handler(self, error_handler: Callable[..., Any]) -> None:
        """Called by `nlp.set_error_handler`."""
        self.error_handler = error_handler
